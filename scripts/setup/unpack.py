"""Unpacks the members of a wheel whose names start with one of the given prefixes: unpack.py WHEEL FOLDER PREFIX..."""
import sys
import zipfile

wheel, folder, prefixes = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if member.filename.startswith(prefixes):
            archive.extract(member, folder)
