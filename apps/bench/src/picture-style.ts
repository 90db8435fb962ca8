/** Without a background: colours that read on white and on black, and better ones where it is known which it is. */
export const PICTURE_STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #768390; }
    .title { font-size: 16px; font-weight: 600; }
    .note { fill: #768390; }
    .bar { fill: #9aa4af; }
    .stands { fill: #1a7f5a; }
    .strong { font-weight: 600; }
    .grid { stroke: #9aa4af; stroke-opacity: 0.35; }
    .line { fill: none; stroke-width: 2; }
    .line0 { stroke: #1a7f5a; }
    .line1 { stroke: #b35900; stroke-dasharray: 7 4; }
    .line2 { stroke: #6f42c1; stroke-dasharray: 2 3; }
    @media (prefers-color-scheme: light) {
      text { fill: #3d444d; }
      .note { fill: #6a737d; }
    }
    @media (prefers-color-scheme: dark) {
      text { fill: #d8dee6; }
      .note { fill: #98a2ad; }
      .bar { fill: #626c77; }
      .stands { fill: #3fb58a; }
      .line0 { stroke: #3fb58a; }
      .line1 { stroke: #f0a04b; }
      .line2 { stroke: #b392f0; }
    }`;
