import { useEffect, useState } from 'preact/hooks'

/** How long after a failure a file is asked for again, in milliseconds. */
const RETRY_MS = 2000

/** Loads a part of the page once it is shown. Tries again until it succeeds, since the server may be down. */
export function useLazy<T>(load: (() => Promise<T>) | undefined): T | undefined {
  const [loaded, setLoaded] = useState<{ readonly value: T }>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isMounted = true
    const attempt = () =>
      load?.().then(
        value => isMounted && setLoaded({ value }),
        () => {
          if (isMounted) timer = setTimeout(attempt, RETRY_MS)
        },
      )
    attempt()
    return () => {
      isMounted = false
      clearTimeout(timer)
    }
  }, [])
  return loaded?.value
}
