import { Anchor, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/**
 * Says in a corner what could not be done and why. It stays until it is read, or until the same can be done; said again
 * it takes its own place.
 */
export function notifyFailure(what: string, why: string): void {
  notifications.hide(what)
  notifications.show({
    id: what,
    title: what,
    message: <span className="selectable">{why}</span>,
    color: 'red',
    autoClose: false,
    withBorder: true,
  })
}

/** What could not be done has been done now. */
export const failureIsOver = (what: string): void => void notifications.hide(what)

export function notify(message: string): void {
  notifications.show({ message, autoClose: 4000, withBorder: true })
}

/** Says what was done, with a way back for ten seconds; returns how to take the offer back. */
export function notifyWithUndo(message: string, undo: () => void): () => void {
  const id = tellWithLink(message, 'Undo', undo, 10_000)
  return () => {
    notifications.hide(id)
  }
}

/** Says something with a link that leads on; it stays until it is put away, or for so many milliseconds. */
export function tellWithLink(message: string, label: string, act: () => void, forMs: number | false = false): string {
  const id = notifications.show({
    autoClose: forMs,
    withBorder: true,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" truncate>
          {message}
        </Text>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            act()
            notifications.hide(id)
          }}
        >
          {label}
        </Anchor>
      </Group>
    ),
  })
  return id
}
