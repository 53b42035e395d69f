import { Anchor, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { call } from './api'
import { copy } from './copy'
import type { Fault } from './faults'
import { detailsOf, faultOf, once } from './faults'
import { useStore } from './store'

const inLog = once((fault) => void call('app.fault', fault))

/** Makes a fault of an error and has main write it to its log, each once. */
export function noteFault(where: string, error: unknown, place = ''): Fault {
  const fault = faultOf(where, error, place, [useStore.getState().app?.library ?? ''])
  inLog(fault)
  return fault
}

export const copyDetails = (fault: Fault): void =>
  void copy(detailsOf(fault, useStore.getState().app), 'The details are copied')

const inCorner = once((fault) => {
  notifications.show({
    title: 'Something in the window did not work',
    color: 'orange',
    autoClose: false,
    withBorder: true,
    message: (
      <>
        <span className="selectable">{fault.message}</span>
        <Group justify="space-between" wrap="nowrap" mt={4}>
          <Text size="sm" c="dimmed">
            What trains goes on.
          </Text>
          <Anchor component="button" type="button" size="sm" onClick={() => copyDetails(fault)}>
            Copy details
          </Anchor>
        </Group>
      </>
    ),
  })
})

/** Notes a fault, and says it in a corner where nothing else shows it: calmly, and once. */
export const tellFault = (where: string, error: unknown, place = ''): void =>
  void inCorner(noteFault(where, error, place))
