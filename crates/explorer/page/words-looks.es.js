// The words of captions of saved pictures, of names of heads, and of the keys.

export const LOOKS_ES = {
  "head.name": "cabeza {head}",
  "head.spoken": "capa {layer}, cabeza {head}",
  "caption.step": "paso {step}",
  "caption.head": "cabeza {heads}",
  "caption.heads": "cabezas {heads}",
  "about.matrix.light": "cuanto más oscuro, más",
  "about.matrix.dark": "cuanto más claro, más",
  "lesson.cause.more_unmeasured": "Una frase es poco. La vista «{view}» lo pregunta con muchas.",
  "time.accuracy-of-probes": "Exactitud en las {n} frases de ejemplo:",
  "time.accuracy-of-validation": "Exactitud en los ejemplos de validación:",
  "lesson.tie": "Acertaste: a lo que aquí se lee, «{bet}» empata con la mayor.",
  "keys.group.views": "Ir a una vista: la g y después una letra",
  "keys.group.heads": "Cabezas y pasos",
  "keys.group.change": "Cambiar la figura",
  "keys.group.page": "En la página",
  "keys.number": "las primeras vistas, por orden",
};
