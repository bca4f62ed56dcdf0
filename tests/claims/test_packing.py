"""Claims that are kept come back byte for byte, equal arrays lie there once, and what is damaged is told."""

import numpy as np
import pytest

from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError, LayerFiles, PackedClaims, Packing, Part, TooMuchError, pack, unpack
from autograder.sandbox.sealed_files import SealedFile, StoredArray

SMALL, LARGE = 100, 8192


@pytest.fixture
def layers(tmp_path):
    """A network with one layer of 8192 bytes."""
    values = np.arange(LARGE // 4, dtype="<f4")
    values.tofile(tmp_path / "dense.f4")
    return LayerFiles({"dense": StoredArray(tmp_path / "dense.f4", "<f4", values.shape)})


def _packing(layers, have=lambda digest: False, room=2**20):
    return Packing(layers, have, room)


def _file(*parts: bytes) -> tuple[SealedFile, dict[int, int]]:
    """Return a file of parts, and where they lie."""
    places, start = {}, 0
    for part in parts:
        places[start] = len(part)
        start += len(part)
    return SealedFile.from_bytes(b"".join(parts)), places


def test_what_was_kept_comes_back(layers):
    """Header, arrays and what lies between: the bytes are those of before; the network's own are kept by name."""
    own = np.arange(LARGE // 4, dtype="<f4").tobytes()
    file, places = _file(b"h" * SMALL, b"a" * LARGE, b"-" * 7, own, b"end")
    packing = _packing(layers)
    packed = pack(file, places, packing)
    assert [part.layer for part in packed.parts] == ["", "dense"]
    assert own not in packing.kept.values()
    assert len(packing.kept) == 2
    again = unpack(packed, packing.kept.__getitem__, layers, 2**20)
    assert again.read(0, again.size) == file.read(0, file.size)


def test_equal_arrays_are_kept_once(layers):
    """A second array with the same bytes, and a second file, need no more room."""
    file, places = _file(b"a" * LARGE, b"a" * LARGE, b"x")
    packing = _packing(layers)
    first = pack(file, places, packing)
    room = packing.room
    assert pack(file, places, packing) == first
    assert packing.room == room
    assert len(packing.kept) == 2


@pytest.mark.parametrize(
    "places", [{0: 2**40}, {4096: 8192, 0: 8192}, {-5: 5000}, dict.fromkeys(range(0, 8192, 16), 4096)]
)
def test_places_that_a_student_made_up_cost_nothing(layers, places):
    """Arrays that lie over one another, or outside, are bytes like others."""
    file = SealedFile.from_bytes(bytes(range(256)) * 48)
    packing = _packing(layers)
    again = unpack(pack(file, places, packing), packing.kept.__getitem__, layers, 2**20)
    assert again.read(0, again.size) == file.read(0, file.size)


def test_more_than_may_be_kept_is_not(layers):
    """Neither one large array nor a large rest."""
    file, places = _file(b"a" * LARGE)
    for where in (places, {}):
        with pytest.raises(TooMuchError):
            pack(file, where, _packing(layers, room=LARGE - 1))


def _damaged(packed: PackedClaims) -> list[PackedClaims]:
    """Return records that say what isn't so."""
    part = packed.parts[0]
    return [
        PackedClaims(packed.size, (Part(part.start, part.size, "0" * 64),), packed.rest),
        PackedClaims(packed.size, (Part(part.start, 2**40, part.digest),), packed.rest),
        PackedClaims(packed.size, (part, part), packed.rest),
        PackedClaims(2**40, packed.parts, packed.rest),
        PackedClaims(packed.size + 1, packed.parts, packed.rest),
        PackedClaims(packed.size, (Part(part.start, part.size, part.digest, "conv9"),), packed.rest),
        PackedClaims(packed.size, (Part(part.start, part.size, part.digest, "dense"),), packed.rest),
    ]


@pytest.mark.parametrize("number", range(7))
def test_damaged_records_are_told(tmp_path, layers, number):
    """Whatever a record claims, no more is read than there is, and nothing comes back that wasn't kept."""
    file, places = _file(b"h" * SMALL, b"a" * LARGE)
    packing, folder = _packing(layers), ClaimsFolder(tmp_path / "claims", 2**20)
    packed = pack(file, places, packing)
    folder.write(("ada", "tiny"), "{}", packing.kept)
    with pytest.raises(GoneError):
        unpack(_damaged(packed)[number], folder.bytes_of, layers, 2**20)


def test_another_network_is_told(tmp_path, layers):
    """Activations that are computed in another way now are not the student's."""
    file, places = _file(np.arange(LARGE // 4, dtype="<f4").tobytes())
    packing = _packing(layers)
    packed = pack(file, places, packing)
    np.ones(LARGE // 4, "<f4").tofile(tmp_path / "dense.f4")
    other = LayerFiles({"dense": StoredArray(tmp_path / "dense.f4", "<f4", (LARGE // 4,))})
    with pytest.raises(GoneError, match="'dense' are not what they were"):
        unpack(packed, packing.kept.__getitem__, other, 2**20)


def test_bombs_are_not_inflated(layers):
    """A few bytes that grow to gigabytes are refused by the size that they should have."""
    import zlib

    bomb = zlib.compress(bytes(2**26), 9)
    packed = PackedClaims(10, (), "0" * 64)
    with pytest.raises(GoneError, match="damaged"):
        unpack(packed, lambda digest: bomb, layers, 2**20)


def test_a_folder_keeps_no_more_than_it_may(tmp_path):
    """Whose claims there is no room for is told; what is there stays."""
    folder = ClaimsFolder(tmp_path / "claims", 1000)
    folder.write(("ada", "tiny"), "{}", {"a" * 64: b"x" * 600})
    folder.write(("bob", "tiny"), "{}", {"b" * 64: b"x" * 600})
    assert folder.unkept == [("bob", "tiny")]
    assert folder.names() == [("ada", "tiny")]
    assert folder.size == 602 == ClaimsFolder(tmp_path / "claims", 1000).size


def test_what_no_record_needs_is_swept(tmp_path):
    """A record that is replaced leaves bytes behind, until somebody sweeps."""
    folder = ClaimsFolder(tmp_path / "claims", 1000)
    folder.write(("ada", "tiny"), "{}", {"a" * 64: b"old"})
    assert not folder.has_replaced
    folder.write(("ada", "tiny"), "{}", {"b" * 64: b"new"})
    assert folder.has_replaced
    assert folder.has("a" * 64)
    folder.sweep({"b" * 64})
    assert not folder.has("a" * 64)
    assert folder.bytes_of("b" * 64) == b"new"
    with pytest.raises(GoneError):
        folder.bytes_of("a" * 64)


@pytest.mark.parametrize("digest", ["../students/ada/tiny.json", "a" * 63, "A" * 64, ""])
def test_a_digest_is_no_path(tmp_path, digest):
    """A record names no file but one of the folder's own."""
    with pytest.raises(GoneError, match="damaged"):
        ClaimsFolder(tmp_path, 1000).bytes_of(digest)


def test_a_layer_that_became_shorter_is_told(layers, tmp_path):
    """No file is joined of half a layer."""
    own = np.arange(LARGE // 4, dtype="<f4").tobytes()
    file, places = _file(b"a" * SMALL, own)
    packing = _packing(layers)
    packed = pack(file, places, packing)
    (tmp_path / "dense.f4").write_bytes(own[:-1])
    with pytest.raises(GoneError, match="can't be read"):
        unpack(packed, packing.kept.__getitem__, layers, 2**20)
