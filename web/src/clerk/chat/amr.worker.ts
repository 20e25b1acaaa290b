/// <reference lib="webworker" />
// The codec installs itself as this worker's onmessage: {command: 'decode', buffer} -> {command, amr: samples | null}.
import codec from 'benz-amr-recorder/src/amrnb.js'

codec()
