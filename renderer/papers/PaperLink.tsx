import { ActionIcon, Tooltip } from '@mantine/core'
import { Copy } from 'lucide-react'
import type { MouseEvent } from 'react'
import { citedParts } from '../../content/papers'
import { ask } from '../api'
import { copy } from '../copy'

// The page itself goes nowhere: main knows which addresses it may open, and the person's browser opens them.
const opens =
  (url: string) =>
  (event: MouseEvent): void => {
    event.preventDefault()
    void ask('papers.open', url, 'The page could not be opened')
  }

/** Puts a text on the clipboard. */
export const CopyButton = ({
  text,
  label,
  done,
}: {
  readonly text: string
  readonly label: string
  readonly done: string
}) => (
  <Tooltip label={label}>
    <ActionIcon className="copy" size={20} aria-label={label} onClick={() => void copy(text, done)}>
      <Copy size={12} />
    </ActionIcon>
  </Tooltip>
)

/** The address of a paper, which opens in the person's browser and can be copied. */
export const PaperLink = ({ url }: { readonly url: string }) => (
  <span className="url">
    <a href={url} title="Opens in your browser" onClick={opens(url)}>
      {url}
    </a>
    <CopyButton text={url} label="Copy the address" done="The address is copied" />
  </span>
)

/** A citation whose papers with a known address are links. */
export const Citation = ({ text }: { readonly text: string }) =>
  citedParts(text).map((part, index) =>
    part.url === undefined ? (
      part.text
    ) : (
      <a key={index} href={part.url} title={`${part.url}, opens in your browser`} onClick={opens(part.url)}>
        {part.text}
      </a>
    ),
  )
