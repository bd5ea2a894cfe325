/**
 * Errors of a prompt that does not fit the context of a model, as endpoints word them:
 * - OpenAI: `context_length_exceeded`; "This model's maximum context length is 8192 tokens. However, …"; "Your input exceeds the
 *   context window of this model."
 * - llama.cpp: `exceed_context_size_error`; "request (4390 tokens) exceeds the available context size (4096 tokens)"; "Context
 *   size has been exceeded."
 * - vLLM: "This model's maximum context length is …"; "The decoder prompt (length 12324) is longer than the maximum model length"
 * - Ollama: "the input length exceeds the context length"
 * - LM Studio: "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length
 *   of only 4096 tokens"; "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)"
 * - SGLang: "The input (85050 tokens) is longer than the model's context length (32768 tokens)."
 * - Anthropic: "prompt is too long: 210000 tokens > 200000 maximum"; "input length and `max_tokens` exceed context limit"
 */
const patterns = [
  /context_length_exceeded|exceed_context_size_error/,
  /maximum context length|maximum model length/i,
  /(?:exceeds?|longer than)\b.{0,40}\bcontext (?:length|size|window|limit)/i,
  /context (?:length|size|window|limit)\b.{0,30}\b(?:exceeded|overflow)/i,
  /context(?: the)? overflows|n_keep.{0,20}n_ctx/i,
  /prompt is too long|prompt too long/i,
]

/** Whether the text of an endpoint's error says that the prompt does not fit the context of the model. */
export const isContextError = (text: string): boolean => patterns.some(pattern => pattern.test(text))
