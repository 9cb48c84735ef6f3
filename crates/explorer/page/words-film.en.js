// The words of the film of the training.

export const FILM_EN = {
  "film.name": "The birth of a head",
  "film.asking": "Pronoun",
  "film.read": "What it reads",
  "film.answers": "The model’s answer",
  "film.true": "this is what it refers to",
  "film.all": "Lines from every word",
  "film.aloud": "Step {step}: “{pronoun}” reads “{word}” most; the model answers “{answer}” ({share}).",
  "film.head.at": "The head is born at step {step}: from there on, the word that “{pronoun}” reads most with it is always “{word}” ({heads}).",
  "film.head.always": "This head reads “{word}” more than any other word from the first recorded step on, {step} ({heads}).",
  "film.head.never": "This head never settles on “{word}”: at the end of the training, “{pronoun}” reads another word more ({heads}).",
  "film.heads.at": "Together, these heads are born at step {step}: from there on, the word that “{pronoun}” reads most with them is always “{word}” ({heads}).",
  "film.heads.always": "Together, these heads read “{word}” more than any other word from the first recorded step on, {step} ({heads}).",
  "film.heads.never": "Together, these heads never settle on “{word}”: at the end of the training, “{pronoun}” reads another word more ({heads}).",
  "film.answer.at": "The answer is right from step {step} on.",
  "film.answer.always": "The answer is right from the first recorded step on, {step}.",
  "film.answer.never": "The answer never becomes right.",
};
