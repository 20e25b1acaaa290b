import { Problem } from '@/api/problem'

/** What the phone sends at most: good to look at, small enough for a poor network. */
const longest = 1_600
const heaviest = 1_500_000
/** WeChat takes no larger picture (10 MB); one that moves cannot be shrunk here. */
const heaviestMoving = 2_000_000

/** What is sent of a picture: shrunk to 1,600 pixels and a JPEG below 1.5 MB; a GIF as it is. */
export async function shrink(file: Blob): Promise<Blob> {
  if (file.type === 'image/gif') {
    if (file.size > heaviestMoving) throw new Problem('picture_too_large', 422)
    return file
  }
  const image = await load(file)
  const scale = Math.min(1, longest / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.width * scale))
  canvas.height = Math.max(1, Math.round(image.height * scale))
  const pen = canvas.getContext('2d')
  if (!pen) throw new Problem('not_a_picture', 422)
  pen.fillStyle = '#fff' // what is transparent would turn black
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(image, 0, 0, canvas.width, canvas.height)
  for (const quality of [0.85, 0.7, 0.55, 0.4]) {
    const out = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (out && out.size <= heaviest) return out
  }
  throw new Problem('picture_too_large', 422)
}

async function load(file: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    return image
  } catch {
    throw new Problem('not_a_picture', 422)
  } finally {
    URL.revokeObjectURL(url)
  }
}
