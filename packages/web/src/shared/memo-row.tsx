import { Component, type ComponentType } from 'preact'

/** Returns `View` so that it renders again only when one of its properties is another value. */
export function memoised<P extends object>(View: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const names = Object.keys(next) as (keyof P)[]
      return names.some(name => next[name] !== this.props[name])
    }
    override render() {
      return <View {...(this.props as P)} />
    }
  }
}
