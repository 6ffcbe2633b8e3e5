"""Raw snappy blocks, unpacked within a limit."""

import pyarrow as pa

from tallystick.kernel import Misuse

LENGTH_BYTES_MAX = 5


def unpack_snappy(packed: bytes, *, bytes_max: int) -> bytes:
    """
    Return what a snappy block holds; its first bytes say how long that is.

    Raises:
        Misuse: it is damaged, or longer than the limit.
    """
    length = 0
    for place, byte in enumerate(packed[:LENGTH_BYTES_MAX]):
        length |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    else:
        raise Misuse("the body is no snappy block: it does not say its length")
    if length > bytes_max:
        raise Misuse(f"the body unpacks to {length} bytes; at most {bytes_max} are taken")
    try:
        unpacked: bytes = pa.decompress(
            packed, decompressed_size=length, codec="snappy", asbytes=True
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise Misuse(f"the body is no snappy block: {error}") from error
    return unpacked
