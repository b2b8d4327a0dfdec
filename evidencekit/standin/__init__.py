"""The stand-in export API: a real HTTP server on loopback for the demo and the tests."""
