/**
 * The one error of this package: why a stand-in could not start, keep its state, or find the user it was told to change.
 * Raised by TogetherState and TogetherServer; read by `rollcall sandbox`, the demo and tests. Every message says what is
 * wrong and what to do next. What the vendor would answer over HTTP is never an error here.
 */
import { Schema } from "effect"

export class StateFileBroken extends Schema.TaggedError<StateFileBroken>()("StateFileBroken", {
  file: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The sandbox state in ${this.file} cannot be understood: ${this.detail}. Repair the file, or delete it to start with nobody.`
  }
}

export class StateFileUnreachable extends Schema.TaggedError<StateFileUnreachable>()("StateFileUnreachable", {
  file: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The sandbox state in ${this.file} cannot be read or written: ${this.detail}. Check the folder's permissions and free space, or name another file.`
  }
}

export class PortUnavailable extends Schema.TaggedError<PortUnavailable>()("PortUnavailable", {
  port: Schema.Int,
  detail: Schema.String
}) {
  override get message() {
    return `The sandbox cannot listen on 127.0.0.1:${this.port}: ${this.detail}. Stop what listens there, or choose port 0 for any free port.`
  }
}

export class UserUnknown extends Schema.TaggedError<UserUnknown>()("UserUnknown", { key: Schema.String }) {
  override get message() {
    return `The sandbox has no user with employeeId or userId "${this.key}". Post the user first, or look at /_sandbox/users.`
  }
}

export class SettingUnusable extends Schema.TaggedError<SettingUnusable>()("SettingUnusable", {
  setting: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The sandbox cannot start with this ${this.setting}: ${this.detail}. Change it, or leave it out for the default.`
  }
}

export class SandboxError extends Schema.TaggedError<SandboxError>()("SandboxError", {
  reason: Schema.Union([StateFileBroken, StateFileUnreachable, PortUnavailable, UserUnknown, SettingUnusable])
}) {
  override get message() {
    return this.reason.message
  }
}
