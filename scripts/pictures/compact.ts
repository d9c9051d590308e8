/** PNG files as small as their few colours allow. */
import { losslessCompressPng, pngQuantize } from '@napi-rs/image'

/** The same picture with a palette of 256 colours, which text and flat areas do not exceed by much. */
export async function compact(png: Buffer): Promise<Buffer> {
  return await losslessCompressPng(await pngQuantize(png, { minQuality: 80, maxQuality: 99, speed: 1 }))
}
