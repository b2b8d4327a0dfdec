"""Pure: bytes in, values out. Nothing here touches a disk, a network, a clock or randomness."""
