/** A model that streams what `bits` gives, as fast as it is read, until it is stopped; `stopped` hears when it is. */
export const streamingModel = (bits, stopped = () => {}) => ({
  specificationVersion: 'v3',
  provider: 'bench',
  modelId: 'bench',
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error('It only streams.')),
  async doStream({ abortSignal }) {
    abortSignal?.addEventListener('abort', () => stopped(performance.now()), { once: true })
    const left = bits()
    let begun = false
    const stream = new ReadableStream({
      async pull(controller) {
        if (!begun) controller.enqueue({ type: 'text-start', id: '1' })
        begun = true
        const { value, done } = await left.next()
        if (abortSignal?.aborted) return controller.error(abortSignal.reason)
        if (!done) return controller.enqueue({ type: 'text-delta', id: '1', delta: value })
        controller.enqueue({ type: 'text-end', id: '1' })
        const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
        controller.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage })
        controller.close()
      },
    })
    return { stream }
  },
})
