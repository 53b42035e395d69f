import type { Api } from '../../core/protocol'

declare global {
  interface Window {
    readonly batchlab: Api
  }
}
