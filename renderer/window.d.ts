import type { Api } from '../core/protocol'

declare global {
  interface Window { readonly batchlab: Api }
}

declare module 'plotly.js/dist/plotly-strict.min.js' {
  import type { Plotly } from './plotly'

  const plotly: Plotly
  export default plotly
}
