// Words of the lesson's moving pictures, in Spanish.

export const SCENES_ES = {
  "race.label": "Una tras otra y todas a la vez",
  "race.serial": "Una red recurrente: {n} palabras, una tras otra",
  "race.parallel": "La autoatención: un paso, todas a la vez",
  "race.step": "paso {n}",
  "race.again": "Verlo otra vez",
  "cards.of": "Las tres tarjetas de «{word}» en la {head}",
  "cards.query": "consulta: lo que busca",
  "cards.key": "clave: en qué se la reconoce",
  "cards.value": "valor: lo que da",
  "swap.caption": "Las claves cambian de sitio; los valores se quedan",
  "swap.key": "clave de «{word}»",
  "swap.value": "valor de «{word}»",
};
