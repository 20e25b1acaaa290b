/** Works on AMR apart from the page, so that it stays quick. It is loaded when it is first needed. */
export class Codec {
  private readonly worker = new Worker(new URL('./amr.worker.ts', import.meta.url), { type: 'module' })
  private wait: { resolve: (heard: unknown) => void; reject: (error: Error) => void } | undefined
  /** Fails where it cannot be loaded, for instance without a network the first time. */
  readonly ready: Promise<void>

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.worker.onerror = () => {
        reject(new Error('the codec cannot be had'))
        this.wait?.reject(new Error('the codec failed'))
      }
      this.worker.onmessage = (e: MessageEvent<{ command: string; amr: unknown }>) => {
        if (e.data.command === 'ready') return resolve()
        if (e.data.amr) this.wait?.resolve(e.data.amr)
        else this.wait?.reject(new Error('no AMR'))
      }
    })
    this.ready.catch(() => undefined) // whoever asks for something is told
  }

  private async ask(message: object, give: Transferable[] = []): Promise<unknown> {
    await this.ready
    return new Promise((resolve, reject) => {
      this.wait = { resolve, reject }
      this.worker.postMessage(message, give)
    })
  }

  /** The samples of a narrow-band AMR file, 8,000 a second. */
  async decode(file: Uint8Array): Promise<Float32Array> {
    return (await this.ask({ command: 'decode', buffer: file })) as Float32Array
  }

  /** A narrow-band AMR file of 12.2 kbit/s. The samples are given away. */
  async encode(samples: Float32Array, rate: number): Promise<Uint8Array> {
    return (await this.ask({ command: 'record', samples, rate }, [samples.buffer])) as Uint8Array
  }

  close(): void {
    this.worker.terminate()
  }
}
