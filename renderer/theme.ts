import type { MantineColorsTuple } from '@mantine/core'
import {
  createTheme,
  Input,
  Menu,
  Modal,
  Notification,
  Popover,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  TagsInput,
  Tooltip,
} from '@mantine/core'

// The one accent. All other colour belongs to data and state.
const accent: MantineColorsTuple = [
  '#eef0fc',
  '#dcdff5',
  '#b8bfec',
  '#919de3',
  '#707fdb',
  '#5b6bd5',
  '#4d5dcd',
  '#3f4eb6',
  '#3645a3',
  '#2b3a90',
]
// Mantine's dark greys are bluish and low in contrast; these are the window's own.
const dark: MantineColorsTuple = [
  '#e4e6ea',
  '#c4c8cf',
  '#a0a7b2',
  '#767d89',
  '#454b55',
  '#343941',
  '#262a31',
  '#1c1f24',
  '#16181c',
  '#101215',
]

// White text on Mantine's own red has too little contrast.
const red: MantineColorsTuple = [
  '#fdecea',
  '#f9d0cb',
  '#f5aea7',
  '#f0857b',
  '#e2604f',
  '#cb3d2d',
  '#b42318',
  '#9c1c12',
  '#82160e',
  '#68110a',
]

const quick = { duration: 80, exitDuration: 60 }

/** Compact desktop looks: 13 px text, 4/8 px grid, 26 px controls, nothing that moves for longer than 120 ms. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 6,
  colors: { accent, dark, red },
  autoContrast: true,
  respectReducedMotion: true,
  cursorType: 'default',
  defaultRadius: 'sm',
  fontFamily: 'system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.4', xl: '1.3' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '18px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13px' } },
  },
  components: {
    Button: { defaultProps: { size: 'compact-sm', fw: 500 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 26 } },
    Input: Input.extend({
      defaultProps: { size: 'xs' },
      vars: () => ({ wrapper: { '--input-height': '26px', '--input-fz': '13px', '--input-padding': '8px' } }),
    }),
    InputWrapper: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: Select.extend({
      defaultProps: {
        size: 'xs',
        allowDeselect: false,
        checkIconPosition: 'right',
        comboboxProps: { transitionProps: quick },
      },
    }),
    TagsInput: TagsInput.extend({ defaultProps: { size: 'xs', comboboxProps: { transitionProps: quick } } }),
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: Switch.extend({ defaultProps: { size: 'xs' } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs', transitionDuration: 80 } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, transitionProps: quick, withArrow: false, fz: 12, maw: 360, multiline: true },
    }),
    // The placeholder would be an element inside the menu that is no item of it.
    Menu: Menu.extend({
      defaultProps: { transitionProps: quick, shadow: 'md', withInitialFocusPlaceholder: false },
    }),
    Popover: Popover.extend({ defaultProps: { transitionProps: quick, shadow: 'md' } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: quick, centered: true } }),
    Notification: Notification.extend({
      defaultProps: { withCloseButton: true, closeButtonProps: { 'aria-label': 'Close' } },
    }),
  },
})
