import { z } from 'zod'

/** Where a data set lies. */
export const SourcePath = z
  .string()
  .min(1, 'Choose a file or folder')
  .max(4096)
  .refine((value) => !value.includes('\0'), 'A path cannot hold a NUL character')

const digits = z.strictObject({ type: z.literal('digits') }).meta({
  label: 'Handwritten digits',
  help: '1,797 real 8×8 images of ten digits (UCI), built in: a small network learns them in seconds on any machine',
})

const cifar10 = z
  .strictObject({
    type: z.literal('cifar10'),
    path: SourcePath.meta({
      label: 'Archive or folder',
      help: 'cifar-10-binary.tar.gz, or the folder with its data_batch_1…5.bin and test_batch.bin',
      picker: 'fileOrFolder',
    }),
  })
  .meta({ label: 'CIFAR-10', help: '60,000 real 32×32 colour images of ten classes, binary version' })

const cifar100 = z
  .strictObject({
    type: z.literal('cifar100'),
    path: SourcePath.meta({
      label: 'Archive or folder',
      help: 'cifar-100-binary.tar.gz, or the folder with its train.bin and test.bin',
      picker: 'fileOrFolder',
    }),
    labels: z
      .enum(['fine', 'coarse'])
      .default('fine')
      .meta({ label: 'Labels', help: 'Fine: 100 classes; coarse: the 20 groups they belong to' }),
  })
  .meta({ label: 'CIFAR-100', help: '60,000 real 32×32 colour images of 100 classes in 20 groups, binary version' })

const folder = z
  .strictObject({
    type: z.literal('folder'),
    path: SourcePath.meta({
      label: 'Folder or archive',
      picker: 'fileOrFolder',
      help:
        'A folder (or .zip, .tar, .tar.gz) with one folder of images per class (PNG, JPEG, WEBP, GIF, BMP); ' +
        'train, val and test folders above them are used as the splits',
    }),
    imageSize: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .nullable()
      .default(null)
      .meta({
        label: 'Image size',
        help:
          'Every image is stretched to this many pixels in height and width; empty keeps the size of the first ' +
          'image',
        unit: 'px',
        step: 1,
      }),
    layout: z
      .enum(['auto', 'classes'])
      .default('auto')
      .meta({
        label: 'Layout',
        help:
          'auto: folders named train, val, test and the like are splits, and what mixes them with other folders ' +
          'is refused; classes: the folders at the top are the classes, whatever they are called',
      }),
    orientation: z
      .enum(['stored', 'upright'])
      .default('stored')
      .meta({
        label: 'Orientation',
        help:
          'stored: photos as their pixels lie in the file, as the common training libraries read them; upright: ' +
          'JPEGs turned as their Exif orientation says, as viewers show them. The other choice is another data ' +
          'set',
      }),
    skipBroken: z.boolean().default(false).meta({
      label: 'Skip broken images',
      help: 'Leave out images that cannot be read, say so and list them, where otherwise the data set is refused',
    }),
  })
  .meta({ label: 'Image folder', help: 'Your own images, one folder per class' })

const idx = z
  .strictObject({
    type: z.literal('idx'),
    path: SourcePath.meta({
      label: 'Folder',
      help: 'The folder with the four IDX files (train and t10k, images and labels), compressed with gzip or not',
      picker: 'folder',
    }),
    set: z
      .string()
      .max(200)
      .default('')
      .meta({
        label: 'Set',
        help:
          'Which of several sets in the folder, by what its file names have before train and test, such as ' +
          'emnist-letters; empty where there is only one',
      }),
  })
  .meta({ label: 'IDX files', help: 'MNIST, Fashion-MNIST and others that come as IDX files' })

const synthetic = z
  .strictObject({
    type: z.literal('synthetic'),
    images: z
      .number()
      .int()
      .min(4)
      .max(1_000_000)
      .default(50_000)
      .meta({ label: 'Images', help: 'Images for training and validation', unit: 'images', step: 1000 }),
    testImages: z
      .number()
      .int()
      .min(2)
      .max(1_000_000)
      .default(10_000)
      .meta({ label: 'Test images', help: 'Images for testing', unit: 'images', step: 1000 }),
    classes: z.number().int().min(2).max(1000).default(10).meta({
      label: 'Classes',
      help: 'Each class is a pattern of waves that noise and shifts hide',
      unit: 'classes',
      step: 1,
    }),
    size: z
      .number()
      .int()
      .min(4)
      .max(256)
      .default(32)
      .meta({ label: 'Image size', help: 'Height and width', unit: 'px', step: 1 }),
    channels: z.literal([1, 3]).default(3).meta({ label: 'Channels', help: '1: grey, 3: colour' }),
  })
  .meta({
    label: 'Synthetic',
    help: 'Made-up images in the shape of CIFAR, for measuring speed; accuracies on them say nothing about real images',
  })

/** Where the images come from. */
export const DataSource = z.discriminatedUnion('type', [digits, cifar10, cifar100, folder, idx, synthetic])
export type DataSource = z.infer<typeof DataSource>

/** How training images are changed at random, drawn anew for each image and epoch. */
export const AugmentationConfig = z
  .strictObject({
    pad: z.number().int().min(0).max(64).default(0).meta({
      label: 'Pad and crop',
      help: 'Pad each side by so many pixels, then cut the original size out at a random place; 0 is off',
      unit: 'px',
      step: 1,
    }),
    padding: z
      .enum(['zeroBefore', 'zeroAfter', 'reflect'])
      .default('zeroAfter')
      .meta({
        label: 'Padding',
        help:
          'zeroBefore: black (0 before normalising); zeroAfter: the mean colour (0 after normalising); reflect: ' +
          'the image mirrored at its edge. Corners that a rotation leaves empty are black with zeroBefore, else ' +
          'the mean',
      }),
    flip: z.boolean().default(false).meta({ label: 'Flip', help: 'Mirror left and right with probability 1/2' }),
    rotation: z.number().min(0).max(180).default(0).meta({
      label: 'Rotation',
      help: 'Turn by an angle drawn uniformly from plus or minus this many degrees; 0 is off',
      unit: '°',
      step: 1,
    }),
    cutout: z.number().int().min(0).max(1024).default(0).meta({
      label: 'Cutout',
      help: 'Side of a square set to the mean colour, its centre anywhere in the image; 0 is off',
      unit: 'px',
      step: 1,
      paper: 'DeVries & Taylor, arXiv 1708.04552',
    }),
  })
  .meta({
    label: 'Augmentation',
    help: 'Random changes to the training images; validation and test images are never changed',
  })
export type AugmentationConfig = z.infer<typeof AugmentationConfig>

const atMost = z.number().int().min(1).max(10_000_000).nullable().default(null)

/** Which images a run sees, how they are split, and how they are prepared. */
export const DataConfig = z
  .strictObject({
    source: DataSource.default({ type: 'digits' }).meta({ label: 'Data set', help: 'Where the images come from' }),
    trainingImages: atMost.meta({
      label: 'Training images',
      help: 'Train on only so many images, the same share of each class; empty uses all that validation leaves',
      unit: 'images',
      step: 1000,
    }),
    validationImages: atMost.meta({
      label: 'Validation images',
      help: 'Validate on only so many images, the same share of each class; empty uses the whole validation split',
      unit: 'images',
      step: 1000,
    }),
    testImages: atMost.meta({
      label: 'Test images',
      help: 'Test on only so many images, the same share of each class; empty uses all',
      unit: 'images',
      step: 1000,
    }),
    validationFraction: z
      .number()
      .min(0)
      .max(0.9)
      .default(0.2)
      .meta({
        label: 'Validation fraction',
        help:
          'Share of the training images held out for validation, the same of each class; 0.2 of CIFAR-10 is ' +
          '40,000 / 10,000. Not used where the data brings its own validation images',
        step: 0.05,
      }),
    splitSeed: z
      .number()
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(0)
      .meta({ label: 'Split seed', help: 'The same seed holds out the same images', step: 1 }),
    normalisation: z
      .enum(['perChannel', 'none'])
      .default('perChannel')
      .meta({
        label: 'Normalisation',
        help:
          'perChannel: subtract the mean and divide by the standard deviation of the training images in each ' +
          'channel; none: pixels as 0…1',
      }),
    augmentation: AugmentationConfig.prefault({}),
  })
  .meta({ label: 'Data', help: 'Which images the run sees, how they are split, and how they are prepared' })
export type DataConfig = z.infer<typeof DataConfig>
