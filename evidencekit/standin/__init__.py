"""The stand-in export API: a real HTTP server on loopback for the demo and the tests.

It does what the API's documentation shows, and what is known of object storage behind it: an API
that hands out jobs, and a storage of its own origin that serves presigned links which expire.
"""

from evidencekit.standin.server import StandIn

__all__ = ["StandIn"]
