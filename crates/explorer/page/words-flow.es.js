// Words about answers that are missing, in Spanish.

export const FLOW_ES = {
  "status.no_figure": "La figura vuelve en cuanto la frase tenga respuesta.",
  "error.too_long": "La frase es demasiado larga: esta página lee hasta {tokens} tokens y {characters} caracteres.",
  "error.too_many_pronouns": "La frase tiene demasiados pronombres para leerlos todos a la vez. Pon llaves alrededor de uno solo.",
  "error.forbidden": "Esta página solo puede preguntar al programa que la abrió.",
  "changes.unrecorded": "Este cambio no está grabado en el archivo; se ve la respuesta sin él.",
  "changes.untouched": "La atención que se ve es la de antes del cambio: con él no se grabó ninguna.",
  "model.turn-on": "Encender",
  "part.recorded_step": "De este paso solo se guardaron los pesos de atención, no los vectores.",
  "part.nearest_checkpoint": "Ir al paso {step}",
};
