declare module 'plotly.js/dist/plotly-strict.min.js' {
  const plotly: import('./plotly').Plotly
  export default plotly
}
