import type { DataSource } from '../core/config/data'

/**
 * A file as its makers published it: the name it has there, its length in bytes, and the checksums that tell it from
 * any other.
 */
export interface PublishedFile {
  readonly name: string
  readonly bytes: number
  readonly md5: string
  readonly sha256: string
}

/** A data set that can be fetched: its files, where they are served, whose work they are, and under which terms. */
export interface PublishedData {
  /** What it is called on the command line, and its folder. */
  readonly name: string
  readonly title: string
  readonly holds: string
  /** The kind of source that reads it; an archive is read as it is, IDX files as the folder that holds them. */
  readonly source: Extract<DataSource['type'], 'cifar10' | 'cifar100' | 'idx'>
  readonly files: readonly PublishedFile[]
  /** Base addresses, tried in turn: a file is at the address followed by its name. */
  readonly addresses: readonly string[]
  readonly makers: string
  readonly terms: string
  readonly cite: string
  readonly page: string
}

/*
 * Names, MD5 and addresses are those of the makers' own pages (www.cs.toronto.edu/~kriz/cifar.html; README of
 * zalandoresearch/fashion-mnist) and of torchvision (torchvision/datasets/mnist.py; MNIST's first page at
 * yann.lecun.com refuses downloads). Lengths, SHA-256 and MNIST's second mirror are those of TensorFlow Datasets
 * (tensorflow_datasets/url_checksums/{cifar10,cifar100,mnist,fashion_mnist}.txt). MNIST's terms were stated at Keras
 * and PyMVPA in these words.
 */
const toronto = ['https://www.cs.toronto.edu/~kriz/', 'https://cave.cs.toronto.edu/kriz/']
const krizhevsky = {
  makers: 'Alex Krizhevsky, Vinod Nair and Geoffrey Hinton, University of Toronto',
  terms: 'No licence is stated; the makers ask that the report be cited',
  cite:
    'A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, technical report, University of ' +
    'Toronto, 2009',
  page: 'https://www.cs.toronto.edu/~kriz/cifar.html',
}

/** The data sets that can be fetched, each with the files of its first publication. */
export const publishedData: readonly PublishedData[] = [
  {
    name: 'cifar10',
    title: 'CIFAR-10',
    holds: '60,000 colour images of 32×32 pixels, ten classes, binary version',
    source: 'cifar10',
    addresses: toronto,
    ...krizhevsky,
    files: [
      {
        name: 'cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    ],
  },
  {
    name: 'cifar100',
    title: 'CIFAR-100',
    holds: '60,000 colour images of 32×32 pixels, 100 classes in 20 groups, binary version',
    source: 'cifar100',
    addresses: toronto,
    ...krizhevsky,
    files: [
      {
        name: 'cifar-100-binary.tar.gz',
        bytes: 168_513_733,
        md5: '03b5dce01913d631647c71ecec9e9cb8',
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      },
    ],
  },
  {
    name: 'mnist',
    title: 'MNIST',
    holds: '70,000 grey images of 28×28 pixels, ten handwritten digits',
    source: 'idx',
    addresses: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    makers: 'Yann LeCun, Corinna Cortes and Christopher J. C. Burges, from images of NIST',
    terms:
      'Widely stated to be Creative Commons Attribution-ShareAlike 3.0, copyright Yann LeCun and Corinna ' +
      'Cortes; its own page states none',
    cite:
      'Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-Based Learning Applied to Document Recognition, ' +
      'Proceedings of the IEEE 86 (11), 1998',
    page: 'http://yann.lecun.com/exdb/mnist/',
    files: [
      {
        name: 'train-images-idx3-ubyte.gz',
        bytes: 9_912_422,
        md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      },
      {
        name: 'train-labels-idx1-ubyte.gz',
        bytes: 28_881,
        md5: 'd53e105ee54ea40749a09fcbcd1e9432',
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      },
      {
        name: 't10k-images-idx3-ubyte.gz',
        bytes: 1_648_877,
        md5: '9fb629c4189551a2d022fa330f9573f3',
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      },
      {
        name: 't10k-labels-idx1-ubyte.gz',
        bytes: 4_542,
        md5: 'ec29112dd5afa0611ce80d1b7f02629c',
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      },
    ],
  },
  {
    name: 'fashion-mnist',
    title: 'Fashion-MNIST',
    holds: '70,000 grey images of 28×28 pixels, ten kinds of clothing',
    source: 'idx',
    // The makers' bucket answers without encryption only; the checksums make up for that, but their own repository
    // comes first.
    addresses: [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    ],
    makers: 'Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando SE',
    terms: 'MIT licence, copyright 2017 Zalando SE',
    cite:
      'H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning ' +
      'Algorithms, arXiv:1708.07747, 2017',
    page: 'https://github.com/zalandoresearch/fashion-mnist',
    files: [
      {
        name: 'train-images-idx3-ubyte.gz',
        bytes: 26_421_880,
        md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
        sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      },
      {
        name: 'train-labels-idx1-ubyte.gz',
        bytes: 29_515,
        md5: '25c81989df183df01b3e8a0aad5dffbe',
        sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      },
      {
        name: 't10k-images-idx3-ubyte.gz',
        bytes: 4_422_102,
        md5: 'bef4ecab320f06d8554ea6380940ec79',
        sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      },
      {
        name: 't10k-labels-idx1-ubyte.gz',
        bytes: 5_148,
        md5: 'bb300cfdad3c16e7a12a480ee83cd310',
        sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      },
    ],
  },
]

/** How many bytes all files of a data set have together. */
export const publishedBytes = ({ files }: Pick<PublishedData, 'files'>): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)
