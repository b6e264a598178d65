"""Writes tar archives with Python's tarfile in its three formats, with names and sizes that need extended headers.

python3 tests/golden/tarShards.py > tests/golden/tarShards.json
"""
import base64
import gzip
import io
import json
import tarfile

LONG = 'folder/' + 'long name ' * 20 + '.txt'
FILES = [('a.txt', b'first'), ('folder/b.bin', bytes(range(256)) * 5), (LONG, b'long'), ('\u00e4\u6f22.txt', b'unicode'), ('empty', b'')]


def archive(form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=form, pax_headers={'comment': 'all'} if form == tarfile.PAX_FORMAT else None) as tar:
        folder = tarfile.TarInfo('folder')
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        link = tarfile.TarInfo('link')
        link.type, link.linkname = tarfile.SYMTYPE, 'a.txt'
        tar.addfile(link)
        for name, content in FILES:
            if form == tarfile.USTAR_FORMAT and len(name.encode()) > 100:
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return base64.b64encode(gzip.compress(out.getvalue(), mtime=0)).decode()


FORMATS = {'ustar': tarfile.USTAR_FORMAT, 'gnu': tarfile.GNU_FORMAT, 'pax': tarfile.PAX_FORMAT}
print(json.dumps({'files': {name: base64.b64encode(content).decode() for name, content in FILES},
                  'archives': {name: archive(form) for name, form in FORMATS.items()}}, indent=1))
