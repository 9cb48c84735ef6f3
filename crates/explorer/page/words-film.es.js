// The words of the film of the training.

export const FILM_ES = {
  "film.name": "Nacimiento de una cabeza",
  "film.asking": "Pronombre",
  "film.read": "Lo que lee",
  "film.answers": "Respuesta del modelo",
  "film.true": "a esto se refiere",
  "film.all": "Líneas de todas las palabras",
  "film.aloud": "Paso {step}: «{pronoun}» lee sobre todo «{word}»; el modelo responde «{answer}» ({share}).",
  "film.head.at": "La cabeza nace en el paso {step}: desde ahí, lo que «{pronoun}» más lee con ella es siempre «{word}» ({heads}).",
  "film.head.always": "Esta cabeza lee «{word}» más que las demás palabras desde el primer paso grabado, {step} ({heads}).",
  "film.head.never": "Esta cabeza no llega a quedarse en «{word}»: al final del entrenamiento, «{pronoun}» lee más otra palabra ({heads}).",
  "film.heads.at": "Juntas, estas cabezas nacen en el paso {step}: desde ahí, lo que «{pronoun}» más lee con ellas es siempre «{word}» ({heads}).",
  "film.heads.always": "Juntas, estas cabezas leen «{word}» más que las demás palabras desde el primer paso grabado, {step} ({heads}).",
  "film.heads.never": "Juntas, estas cabezas no llegan a quedarse en «{word}»: al final del entrenamiento, «{pronoun}» lee más otra palabra ({heads}).",
  "film.answer.at": "La respuesta es la correcta desde el paso {step}.",
  "film.answer.always": "La respuesta es la correcta desde el primer paso grabado, {step}.",
  "film.answer.never": "La respuesta no llega a ser la correcta.",
};
