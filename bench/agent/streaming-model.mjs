/** Creates a model that streams `chunks()` as fast as they are read. Calls `onAbort` with the time of an abort. */
export const streamingModel = (chunks, onAbort = () => {}) => ({
  specificationVersion: 'v3',
  provider: 'bench',
  modelId: 'bench',
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error('This model only streams.')),
  async doStream({ abortSignal }) {
    abortSignal?.addEventListener('abort', () => onAbort(performance.now()), { once: true })
    const iterator = chunks()
    let started = false
    const stream = new ReadableStream({
      async pull(controller) {
        if (!started) controller.enqueue({ type: 'text-start', id: '1' })
        started = true
        const { value, done } = await iterator.next()
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
