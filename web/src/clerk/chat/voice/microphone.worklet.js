// Hands what the microphone gives to the page, in pieces of about a twelfth of a second. Runs beside the page, where
// nothing that the page does can make it miss a sample.
class Microphone extends AudioWorkletProcessor {
  piece = new Float32Array(4096)
  filled = 0

  constructor() {
    super()
    this.port.onmessage = () => {
      this.port.postMessage(this.piece.slice(0, this.filled))
      this.port.postMessage(null) // that was the last
    }
  }

  process([input]) {
    const heard = input?.[0]
    if (!heard) return true
    if (this.filled + heard.length > this.piece.length) {
      this.port.postMessage(this.piece.slice(0, this.filled))
      this.filled = 0
    }
    this.piece.set(heard, this.filled)
    this.filled += heard.length
    return true
  }
}

registerProcessor('microphone', Microphone)
