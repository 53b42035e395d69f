import { describe, expect, it } from 'vitest'
import { pages } from '../../content/explain/all'
import { citedParts, paperAddresses } from '../../content/papers'
import { presets } from '../../content/presets/all'

describe('a citation', () => {
  it('in parts is the same text, with an address for each arXiv number', () => {
    const citation = 'Masters & Luschi, arXiv 1804.07612, §4 (50 %); Krizhevsky, arXiv 1404.5997, §5'
    expect(citedParts(citation)).toEqual([
      { text: 'Masters & Luschi, ' },
      { text: 'arXiv 1804.07612', url: 'https://arxiv.org/abs/1804.07612' },
      { text: ', §4 (50 %); Krizhevsky, ' },
      { text: 'arXiv 1404.5997', url: 'https://arxiv.org/abs/1404.5997' },
      { text: ', §5' },
    ])
    expect(citedParts('')).toEqual([])
    expect(citedParts('PyTorch PolynomialLR')).toEqual([{ text: 'PyTorch PolynomialLR' }])
    expect(citedParts('arXiv 1705.08741')).toEqual([
      { text: 'arXiv 1705.08741', url: 'https://arxiv.org/abs/1705.08741' },
    ])
  })
})

describe('the addresses that may be opened', () => {
  it('are those that presets, explanations and settings cite, all of them https', () => {
    const addresses = paperAddresses()
    for (const address of addresses)
      expect(address).toMatch(
        /^https:\/\/(arxiv\.org\/abs\/\d{4}\.\d{4,5}|proceedings\.neurips\.cc\/|docs\.pytorch\.org\/|cs231n\.github\.io\/|optax\.readthedocs\.io\/)/,
      )
    for (const { paper } of presets) if (paper !== null) expect(addresses).toContain(paper.url)
    for (const { url } of pages.flatMap(({ sources }) => sources))
      if (url !== undefined) expect(addresses).toContain(url)
    // Cited by a setting alone: Pascanu et al., and mixed precision.
    expect(addresses).toContain('https://arxiv.org/abs/1905.12322')
  })
})
