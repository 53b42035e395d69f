import { useEffect, useRef } from 'react'
import type { Images } from '../../core/job'

interface Props {
  readonly images: Images | null
  /** Places kept while the images are on their way. */
  readonly slots: number
  readonly captions: readonly string[]
  readonly large?: boolean
}

/** Small images with a line below each. */
export function Thumbnails({ images, slots, captions, large = false }: Props) {
  return (
    <div className={large ? 'thumbs large' : 'thumbs'}>
      {Array.from({ length: images?.shape[0] ?? slots }, (_, index) => (
        <figure key={index}>
          <Thumbnail images={images} index={index} />
          <figcaption title={captions[index]}>{captions[index] ?? '\u00a0'}</figcaption>
        </figure>
      ))}
    </div>
  )
}

function Thumbnail({ images, index }: { readonly images: Images | null; readonly index: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (images === null || context === null || context === undefined) return
    const [, height, width] = images.shape
    context.putImageData(imageData(images, index), 0, 0, 0, 0, width, height)
  }, [images, index])
  return <canvas ref={canvas} width={images?.shape[2] ?? 8} height={images?.shape[1] ?? 8} />
}

function imageData({ shape: [, height, width, channels], pixels }: Images, index: number): ImageData {
  const data = new ImageData(width, height)
  const first = index * height * width * channels
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      data.data[pixel * 4 + channel] = pixels[first + pixel * channels + (channels === 1 ? 0 : channel)] ?? 0
    data.data[pixel * 4 + 3] = 255
  }
  return data
}
