import { describe, expect, it } from 'vitest'
import { publishedBytes, publishedData } from '../../content/publishedData'

// Written out once more from the makers' pages: a slip of a digit would refuse the right file for ever.
const md5: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cifar10: { 'cifar-10-binary.tar.gz': 'c32a1d4ab5d03f1284b67883e8d87530' },
  cifar100: { 'cifar-100-binary.tar.gz': '03b5dce01913d631647c71ecec9e9cb8' },
  mnist: {
    'train-images-idx3-ubyte.gz': 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
    'train-labels-idx1-ubyte.gz': 'd53e105ee54ea40749a09fcbcd1e9432',
    't10k-images-idx3-ubyte.gz': '9fb629c4189551a2d022fa330f9573f3',
    't10k-labels-idx1-ubyte.gz': 'ec29112dd5afa0611ce80d1b7f02629c',
  },
  'fashion-mnist': {
    'train-images-idx3-ubyte.gz': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    'train-labels-idx1-ubyte.gz': '25c81989df183df01b3e8a0aad5dffbe',
    't10k-images-idx3-ubyte.gz': 'bef4ecab320f06d8554ea6380940ec79',
    't10k-labels-idx1-ubyte.gz': 'bb300cfdad3c16e7a12a480ee83cd310',
  },
}
const sha256: Readonly<Record<string, string>> = {
  'cifar10 cifar-10-binary.tar.gz': 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  'mnist train-images-idx3-ubyte.gz': '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
}
const bytes: Readonly<Record<string, readonly number[]>> = {
  cifar10: [170052171],
  cifar100: [168513733],
  mnist: [9912422, 28881, 1648877, 4542],
  'fashion-mnist': [26421880, 29515, 4422102, 5148],
}

describe('the published data sets', () => {
  it('have the files and the checksums that their makers give', () => {
    expect(
      Object.fromEntries(
        publishedData.map(({ name, files }) => [name, Object.fromEntries(files.map((file) => [file.name, file.md5]))]),
      ),
    ).toEqual(md5)
    for (const { name, files } of publishedData)
      for (const file of files) {
        expect(file.sha256).toMatch(/^[0-9a-f]{64}$/)
        const known = sha256[`${name} ${file.name}`]
        if (known !== undefined) expect(file.sha256).toBe(known)
      }
    expect(new Set(publishedData.flatMap(({ files }) => files.map((file) => file.sha256))).size).toBe(10)
  })

  it('have the lengths that TensorFlow Datasets found', () => {
    expect(Object.fromEntries(publishedData.map(({ name, files }) => [name, files.map((file) => file.bytes)]))).toEqual(
      bytes,
    )
    expect(publishedData.map(publishedBytes)).toEqual([170052171, 168513733, 11594722, 30878645])
  })

  it('are served at more than one base address each, the first of them encrypted', () => {
    for (const { addresses } of publishedData) {
      expect(addresses.length).toBeGreaterThan(1)
      expect(addresses[0]).toMatch(/^https:/)
      for (const address of addresses) expect(address).toMatch(/^https?:\/\/[^?#]+\/$/)
    }
  })

  it('say whose they are, under which terms, and what to cite', () => {
    for (const { makers, terms, cite } of publishedData)
      for (const text of [makers, terms, cite]) expect(text.length).toBeGreaterThan(20)
    expect(publishedData.map(({ cite }) => /\b(19|20)\d\d\b/.exec(cite)?.[0])).toEqual(['2009', '2009', '1998', '2017'])
  })
})
