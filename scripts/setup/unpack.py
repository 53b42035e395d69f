"""Unpacks the members of a wheel whose names start with one of the given prefixes: unpack.py WHEEL FOLDER PREFIX..."""
import os
import sys
import zipfile

wheel, folder, prefixes = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if member.filename.startswith(prefixes):
            path = archive.extract(member, folder)
            # zipfile forgets what may be executed: CUDA's assembler must stay a program.
            if member.external_attr >> 16 & 0o111 and os.path.isfile(path):
                os.chmod(path, 0o755)
