import { Button, Drawer } from '@mantine/core'
import { pageOf } from '../../content/explain/all'
import { explain, read } from '../commands'
import { useStore } from '../store'
import { MethodPage } from './MethodPage'

const quick = { duration: 80, exitDuration: 60 }

/** The explanation of a setting, beside the place that it is asked from. */
export function MethodDrawer() {
  const id = useStore((state) => state.explained)
  const page = id === null ? undefined : pageOf(id)
  return (
    <Drawer
      opened={page !== undefined}
      onClose={() => explain(null)}
      position="right"
      size={520}
      transitionProps={quick}
      overlayProps={{ backgroundOpacity: 0.2, blur: 0 }}
      title={
        page !== undefined && (
          <Button variant="default" onClick={() => read({ type: 'method', id: page.id })}>
            Open in Papers
          </Button>
        )
      }
      closeButtonProps={{ 'aria-label': 'Close the explanation' }}
      attributes={{ content: { 'aria-label': page?.title ?? 'Explanation' } }}
    >
      {page !== undefined && <MethodPage page={page} />}
    </Drawer>
  )
}
