"""Who takes tonight's files where there is no real partner?

Stand-in partners for a first try and for tests: an SFTP server on this machine's loopback with one user a partner, real
keys, real encryption and real acknowledgements. Nothing reaches the network.
"""

from demo.standin.partners import StandInError, start

__all__ = ["StandInError", "start"]
