import type { FolderLayout, LayoutChoice } from '../../main/data/layoutVerdict'

/** A set's images by folder, so many in each; a count of 0 is an empty folder. */
export type Set = Readonly<Record<string, number>>

export function summary({ places, classes, leftOut }: FolderLayout) {
  const counts = { train: 0, validation: 0, test: 0 }
  for (const { split } of places.values()) counts[split]++
  return {
    ...counts,
    classes: classes.join(' '),
    out: leftOut.map(({ folder, images }) => `${folder} ${images}`).join(', '),
  }
}

/** The same count in each of some folders. */
const each = (prefix: string, names: readonly string[], count: number): Set =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, count]))

const pets = ['cats', 'dogs']

const twenty = { train: 10, validation: 0, test: 4, classes: 'cats dogs', out: '' }

const splits = (train: string, test: string): Set => ({
  ...each(`${train}/`, pets, 5),
  ...each(`${test}/`, pets, 2),
})

const nfd = 'cafe\u0301'

/** What each layout is: counts of the splits, classes, and what is left out. */
export const understood: readonly [string, Set, Partial<ReturnType<typeof summary>>, LayoutChoice?][] = [
  ['one folder per class', each('', pets, 5), { train: 10, validation: 0, test: 0, classes: 'cats dogs', out: '' }],
  ['train and test', splits('train', 'test'), twenty],
  ['any case and the folder around it', splits('cifar/Train', 'cifar/TEST'), twenty],
  ['train, val and test', { ...splits('train', 'test'), ...each('val/', pets, 3) }, { ...twenty, validation: 6 }],
  [
    'Kaggle Intel: seg_train/seg_train, seg_test/seg_test, seg_pred/seg_pred',
    { ...splits('seg_train/seg_train', 'seg_test/seg_test'), 'seg_pred/seg_pred': 6 },
    { ...twenty, out: 'seg_pred 6' },
  ],
  ['training_set and test_set', splits('training_set', 'test_set'), twenty],
  ['training_set and test_set, doubled', splits('training_set/training_set', 'test_set/test_set'), twenty],
  ['Training and Testing (brain tumour MRI)', splits('Training', 'Testing'), twenty],
  [
    'a Kaggle competition: train/class, test without labels',
    { ...each('train/', pets, 5), test: 6 },
    { ...twenty, test: 0, out: 'test 6' },
  ],
  [
    'the same with test1 (dogs vs. cats)',
    { ...each('train/', pets, 5), test1: 6 },
    { ...twenty, test: 0, out: 'test1 6' },
  ],
  ['the same, doubled', { ...each('train/train/', pets, 5), 'test/test': 6 }, { ...twenty, test: 0, out: 'test 6' }],
  [
    'test images in a folder “unknown”',
    { ...each('train/', pets, 5), 'test/unknown': 6 },
    { ...twenty, test: 0, out: 'test 6' },
  ],
  [
    'ImageNet: val without class folders',
    { ...each('train/', ['n01', 'n02'], 5), val: 4 },
    { train: 10, validation: 0, test: 0, classes: 'n01 n02', out: 'val 4' },
  ],
  [
    'Tiny ImageNet: train/class/images, val/images, test/images',
    { 'train/n01/images': 5, 'train/n02/images': 5, 'val/images': 4, 'test/images': 4 },
    { train: 10, validation: 0, test: 0, classes: 'n01 n02', out: 'val 4, test 4' },
  ],
  [
    'chest_xray with itself in itself',
    { ...splits('train', 'test'), ...splits('chest_xray/train', 'chest_xray/test') },
    { ...twenty, out: 'chest_xray 14' },
  ],
  [
    'PlantVillage with itself in itself',
    { ...each('', ['a', 'b', 'c'], 5), ...each('PlantVillage/', ['a', 'b', 'c'], 5) },
    { train: 15, classes: 'a b c', out: 'PlantVillage 15' },
  ],
  [
    'fastai: train and val',
    { ...each('imagenette2/train/', pets, 5), ...each('imagenette2/val/', pets, 2) },
    { ...twenty, validation: 4, test: 0 },
  ],
  [
    'Roboflow: train, valid, test',
    { ...splits('train', 'test'), ...each('valid/', pets, 1) },
    { ...twenty, validation: 2 },
  ],
  ['images in the splits', splits('train/images', 'test/images'), twenty],
  ['COCO years', splits('train2017', 'test2017'), twenty],
  ['a second download', splits('train (1)', 'test (1)'), twenty],
  ['dev', { ...each('train/', pets, 5), ...each('dev/', pets, 2) }, { ...twenty, validation: 4, test: 0 }],
  ['eval alone is the test', splits('train', 'eval'), twenty],
  [
    'eval beside test is the validation',
    { ...splits('train', 'test'), ...each('eval/', pets, 1) },
    { ...twenty, validation: 2 },
  ],
  [
    'Food-11: training, validation, evaluation',
    { ...splits('training', 'evaluation'), ...each('validation/', pets, 1) },
    { ...twenty, validation: 2 },
  ],
  ['holdout', splits('train', 'holdout'), twenty],
  ['tests', splits('train', 'tests'), twenty],
  ['only train (Keras)', each('train/', pets, 5), { ...twenty, test: 0 }],
  [
    'Food-101 and CUB: images/class',
    each('food-101/images/', ['001.Apple', '002.Pear'], 5),
    { train: 10, classes: '001.Apple 002.Pear', test: 0 },
  ],
  [
    'Caltech with its background',
    each('101_ObjectCategories/', ['BACKGROUND_Google', 'ant'], 5),
    { train: 10, classes: 'BACKGROUND_Google ant' },
  ],
  ['numbers', each('', ['1', '10', '2'], 3), { classes: '1 10 2' }],
  ['superclasses', { 'animals/cat': 5, 'animals/dog': 5, 'things/car': 5 }, { classes: 'animals things', train: 15 }],
  ['folders of any depth in classes', { 'a/deep/er/still': 4, b: 4 }, { classes: 'a b', train: 8 }],
  [
    'the test folder lacks a class',
    { ...each('train/', ['0', '180', '90'], 6), ...each('test/', ['0', '90'], 3) },
    { classes: '0 180 90', test: 6 },
  ],
  [
    'the test folder has an empty class',
    { ...each('train/', ['0', '180', '90'], 6), ...each('test/', ['0', '90'], 3), 'test/180': 0 },
    { classes: '0 180 90', test: 6 },
  ],
  [
    'class names composed in train and decomposed in test',
    { [`train/${nfd.normalize('NFC')}`]: 4, 'train/the': 4, [`test/${nfd}`]: 2, 'test/the': 2 },
    { classes: 'café the', train: 8, test: 4 },
  ],
  [
    'both ways of writing one name',
    { [nfd]: 4, [nfd.normalize('NFC')]: 4, tea: 4 },
    { classes: `${nfd} tea`, train: 12 },
  ],
  ['letters in both cases', each('', ['A', 'a', 'b'], 4), { classes: 'A a b' }],
  ['vehicles', each('', ['bus', 'car', 'ship', 'train'], 5), { classes: 'bus car ship train', train: 20 }],
  [
    'a class “train” in train and test (CIFAR-100)',
    { ...each('train/', ['bus', 'train'], 5), ...each('test/', ['bus', 'train'], 2) },
    { classes: 'bus train', train: 10, test: 4 },
  ],
  ['valid and invalid', each('', ['invalid', 'valid'], 5), { classes: 'invalid valid' }],
  [
    "names that hold a split's word",
    each('', ['024.bullet-train', 'test_tube', 'training shoe'], 5),
    { classes: '024.bullet-train test_tube training shoe' },
  ],
  ['with and without mask', each('', ['with_mask', 'without_mask'], 5), { classes: 'with_mask without_mask' }],
  [
    'classes, whatever they are called, where that is said',
    { train: 5, test: 5, 'docs/a': 1 },
    { classes: 'docs test train', train: 11 },
    'classes',
  ],
  [
    'splits in an empty folder beside others',
    { ...each('train/', pets, 5), test: 0, labels: 0 },
    { ...twenty, test: 0 },
  ],
]

/** What is refused, and words that the refusal must have. */
export const refused: readonly [string, Set, string, LayoutChoice?][] = [
  ['nothing', {}, 'found no image'],
  ['images in no folder', { '': 6 }, 'found 6 images in no folder, such as 0.png'],
  [
    'an image beside the classes',
    { ...each('', pets, 5), '': 1 },
    'expected every image in the folder of its class, found 0.png in none',
  ],
  ['one class', { cats: 6 }, 'expected 2 to 10000 class folders, found 1: “cats”'],
  ['Oxford pets: names in one folder', { images: 9 }, 'labels in file names or in a table are not read'],
  ['Oxford pets with its masks', { images: 9, 'annotations/trimaps': 9 }, '“images” does not look like a class'],
  [
    'an empty class',
    { ...each('', pets, 5), birds: 0 },
    'expected at least one image in each class, found none in “birds”',
  ],
  ['an empty class in train', { ...splits('train', 'test'), 'train/birds': 0 }, 'found none in “train/birds”'],
  [
    'Kaggle CIFAR-10: train/1.png, test/1.png',
    { train: 10, test: 10 },
    'expected one folder per class in train, found 10 images in no class folder, such as train/0.png',
  ],
  ['only train, without classes', { train: 10 }, 'expected one folder per class in train'],
  [
    'YOLO: train/images, valid/images',
    { 'train/images': 10, 'valid/images': 3 },
    'boxes for object detection, are not read',
  ],
  [
    'COCO: images/train, images/val',
    { 'images/train': 10, 'images/val': 3 },
    'expected one folder per class in images/train',
  ],
  ['one more folder', { ...splits('train', 'test'), docs: 1 }, 'found “docs” beside “test”, “train”'],
  ['an image beside the splits', { ...splits('train', 'test'), '': 1 }, 'found 0.png beside “test”, “train”'],
  [
    'a split that the words do not know',
    { ...splits('train', 'test'), ...each('extra/', pets, 1) },
    'found “extra” beside',
  ],
  [
    'two test folders',
    { ...splits('train', 'test'), ...each('test1/', pets, 1) },
    'found two folders for test: “test”, “test1”',
  ],
  ['holdout beside test', { ...splits('train', 'test'), ...each('holdout/', pets, 1) }, 'found two folders for test'],
  [
    'train and a second download of it',
    { ...splits('train', 'test'), ...each('train (1)/', pets, 5) },
    'found two folders for train',
  ],
  [
    'no train',
    { ...each('val/', pets, 5), ...each('test/', pets, 5) },
    'expected a train folder with images beside “test”, “val”, found none',
  ],
  [
    'an image beside the classes of train',
    { ...splits('train', 'test'), train: 1 },
    'expected every image in the folder of its class, found train/0.png in none',
  ],
  [
    'a class that train has not',
    { ...splits('train', 'test'), 'test/birds': 1 },
    'expected the classes of the test folder to be those of train, found “birds” besides',
  ],
  [
    'a class in another case',
    { 'train/Cat': 4, 'train/dog': 4, 'test/cat': 2, 'test/dog': 2 },
    '“cat” here is “Cat” there',
  ],
  [
    'two classes that differ in case',
    { Cat: 4, cat: 4 },
    'found “Cat”, “cat”. Put their images together, or rename one',
  ],
  ['folds', each('', ['fold1', 'fold2', 'fold3', 'fold4', 'fold5'], 5), 'which look like parts of one set'],
  [
    'all beside the classes',
    { ...each('', pets, 5), ...each('all/', pets, 5), birds: 2 },
    '“all” does not look like a class',
  ],
  [
    'splits one folder down, beside another',
    { ...splits('data/train', 'data/test'), docs: 1 },
    '“data” holds splits itself: “test”, “train”',
  ],
  [
    'two sets',
    { ...splits('animals/train', 'animals/test'), ...splits('flowers/train', 'flowers/test') },
    'Choose the one folder that holds the splits of one set',
  ],
  [
    'the class above the split (MVTec)',
    { 'bottle/train/good': 5, 'bottle/test/broken': 2, 'cable/train/good': 5, 'cable/test/bent': 2 },
    '“bottle” holds splits itself',
  ],
  ['splits in the names', each('', ['cats_test', 'cats_train', 'dogs_test', 'dogs_train'], 3), 'look like splits'],
  [
    'the same classes under unknown names (PlantVillage, Office-31)',
    { ...each('color/', pets, 5), ...each('grayscale/', pets, 5) },
    'found the same folders (cats, dogs) in each of “color”, “grayscale”',
  ],
  [
    'classes beside a folder with some of them again',
    { ...each('', pets, 5), ...each('more/', pets, 1) },
    '“more” holds folders with the names of those beside it',
  ],
  [
    'images and their annotations as images',
    { 'CUB/images/a': 5, 'CUB/images/b': 5, 'segmentations/a': 5, 'segmentations/b': 5 },
    '“segmentations” looks like annotations',
  ],
]
