// Folders that systems put among a person's files: macOS and its archives, Windows, Linux, Synology and QNAP shares,
// Python.
const systemFolders = new Set([
  '__macosx',
  '$recycle.bin',
  'recycler',
  'system volume information',
  'lost+found',
  '@eadir',
  '#recycle',
  '#snapshot',
  '@recycle',
  '@tmp',
  'network trash folder',
  'temporary items',
  '__pycache__',
])
const systemFiles = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', 'icon\r'])

/**
 * Whether a file or folder is hidden or a system's own, so that nothing in it belongs to a data set:
 * `.ipynb_checkpoints`, `@eaDir`, `Thumbs.db` …
 */
export const isSystemName = (name: string): boolean =>
  name.startsWith('.') || systemFolders.has(name.toLowerCase()) || systemFiles.has(name.toLowerCase())
