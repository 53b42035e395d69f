import { fakeApi } from './fakeApi'
import { longRecipes, manyRecipes, recipes } from './recipes'

// ?runs=2000 · ?long=20 · ?empty · ?still · ?theme=dark · ?fail · ?notice · ?damaged
const query = new URLSearchParams(location.search)
const theme = query.get('theme')
const many = Number(query.get('runs') ?? 0)

Object.assign(window, {
  batchlab: fakeApi({
    recipes: query.has('empty')
      ? []
      : [...recipes, ...manyRecipes(many), ...longRecipes(Number(query.get('long') ?? 0))],
    tickMs: query.has('still') ? 0 : 250,
    theme: theme === 'dark' || theme === 'light' ? theme : 'system',
    damaged: query.has('damaged'),
    refuse: query.has('fail')
      ? {
          'runs.list':
            'library.json is damaged at byte 20,481; it was kept aside as library.json.damaged and nothing was ' +
            'overwritten',
        }
      : {},
    notices: query.has('notice')
      ? [
          {
            id: 'disk',
            level: 'warning',
            message:
              'Only 1.2 GiB are free where the library lies; a run pauses when the disk is full, and nothing ' +
              'saved before is lost.',
          },
        ]
      : [],
  }),
})

void import('../main')
