export { type WsUpgrade, type WsUpgradeOptions, wsUpgrade } from './ws-upgrade.ts'
