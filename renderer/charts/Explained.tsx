import { explain } from '../commands'

/** Opens the page that says what a chart means. */
export const Explained = ({ name, page }: { readonly name: string; readonly page: string }) => (
  <button type="button" className="why" aria-label={`${name}, explained`} onClick={() => explain(page)}>
    ?
  </button>
)
