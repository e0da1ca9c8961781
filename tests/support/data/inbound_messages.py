"""Messages as people type them, in three languages, and what they mean."""

from __future__ import annotations

STOPS = """
STOP
stop
Stop.
 stop!!
STOP please
Please stop
stop stop stop
S\u200bTOP
ＳＴＯＰ
🛑 stop 🛑
UNSUBSCRIBE
End
QUIT
STOPALL
cancel
Revoke
OPTOUT
opt out
no more texts
No more messages please!
please stop texting me
Stop sending me these messages
can you stop with the texts
I want to unsubscribe
don’t text me again
Do not contact me anymore
take me off this list
leave me alone
I revoke my consent
3 2 0 1 STOP
ALTO
Parar
Cancelar
baja
no más mensajes
No mas mensajes por favor
ya no me manden mensajes
Ya no me mandes mensajes
dejen de enviarme mensajes
Deja de escribirme
no quiero más mensajes
Ya no quiero recibir mensajes
quiero darme de baja
denme de baja
ARRET
Arrêt
ARRÊTEZ
arrêtez les messages
Arrêtez de m'envoyer des messages
Arrêtez de m’écrire svp
ne m'envoyez plus de messages
Je ne veux plus recevoir de SMS
plus de messages s'il vous plaît
stop aux sms
désabonnez-moi
désinscription
""".strip().splitlines()

NOT_STOPS = """
the bleeding won't stop
Bleeding will not stop
how do I stop the itching?
Should I stop using retinol
Don't stop texting me, I like these
please do not stop the texts
when can I stop using the cream
I had to stop at the pharmacy
It stopped itching
cancel my appointment for friday
at the end of the day it is fine
can I quit the ointment
no more redness!
la sangre no para
¿cuándo puedo parar de usar la crema?
no dejen de mandarme mensajes
sin fin de preguntas
el saignement ne s'arrête pas
quand puis-je arrêter la crème ?
n'arrêtez pas les messages
je voudrais annuler mon rendez-vous
""".strip().splitlines()

STARTS = ["START", "start please", "Unstop", "resume", "empezar", "Reanudar", "REPRENDRE", "commencer svp"]
HELPS = ["HELP", "help!", "Info", "AYUDA", "ayuda por favor", "AIDE", "aide svp", "Información"]

SCORES = {
    "3 2 0 1": (3, 2, 0, 1),
    "3,2,0,1": (3, 2, 0, 1),
    "3, 2, 0, 1": (3, 2, 0, 1),
    "3-2-0-1": (3, 2, 0, 1),
    "3/2/0/1": (3, 2, 0, 1),
    "3.2.0.1": (3, 2, 0, 1),
    "3;2;0;1": (3, 2, 0, 1),
    "3\n2\n0\n1": (3, 2, 0, 1),
    "3  2  0  1.": (3, 2, 0, 1),
    "3 2 0 1 👍": (3, 2, 0, 1),
    "3️⃣ 2️⃣ 0️⃣ 1️⃣": (3, 2, 0, 1),
    "３ ２ ０ １": (3, 2, 0, 1),
    "3201": (3, 2, 0, 1),
    "10 9 8 7": (10, 9, 8, 7),
    "10, 10, 10, 10": (10, 10, 10, 10),
    "3 2 0": (3, 2, 0, None),
    "3, 2 and 0": (3, 2, 0, None),
    "3 2 0 and 1": (3, 2, 0, 1),
    "Hi, 3 2 0 1 thanks": (3, 2, 0, 1),
    "My answers are 3 2 0 1": (3, 2, 0, 1),
    "Day 2: 3 2 0 1": (3, 2, 0, 1),
    "3 2 0 1 day 2": (3, 2, 0, 1),
    "3/10 2/10 0/10 1/10": (3, 2, 0, 1),
    "3 out of 10, 2 out of 10, 0, 1": (3, 2, 0, 1),
    "three two zero one": (3, 2, 0, 1),
    "Three, two, none, one": (3, 2, 0, 1),
    "3 two 0 one": (3, 2, 0, 1),
    "redness 3 swelling 2": (3, 2, None, None),
    "Redness: 3, Swelling: 2, Peeling: 0, Pain: 1": (3, 2, 0, 1),
    "redness is 3 and swelling is 2": (3, 2, None, None),
    "3 redness 2 swelling": (3, 2, None, None),
    "color change 4, swelling 2": (4, 2, None, None),
    "pain 3 swelling 2 redness 1": (1, 2, None, 3),
    "Pain 3": (None, None, None, 3),
    "swelling three redness two": (2, 3, None, None),
    "tres dos cero uno": (3, 2, 0, 1),
    "Hola, 3 2 0 1 gracias": (3, 2, 0, 1),
    "Día 2: 3, 2, 0 y 1": (3, 2, 0, 1),
    "3 de 10, 2 de 10, 0, 1": (3, 2, 0, 1),
    "rojez 3 hinchazón 2": (3, 2, None, None),
    "dolor 1, hinchazon 2, enrojecimiento 3": (3, 2, None, 1),
    "trois deux zéro un": (3, 2, 0, 1),
    "Bonjour 3 2 0 1 merci": (3, 2, 0, 1),
    "jour 2 : 3, 2, 0 et 1": (3, 2, 0, 1),
    "rougeur 3 gonflement 2 douleur 0": (3, 2, None, 0),
    "3 sur 10, 2 sur 10, 0, 1": (3, 2, 0, 1),
}

NO_SCORES = """
3
3 2
3 2 0 1 5
3 2 0 11
3.5 2 0 1
3,5 2 0
2.5 1 0 0
-
3 4 5 days
swelling 2 days
swelling for 3 days
redness and swelling 3
redness 3 redness 4
10210
1032
call me at 202 555 0190
see you at 3 or 4
I took 2 ibuprofen
dos
dos días
un peu mieux
hace 3 días
depuis 2 jours
""".strip().splitlines()

EMERGENCIES = {
    "I can't breathe": "breathing",
    "trouble breathing": "breathing",
    "short of breath since this morning": "breathing",
    "chest feels really tight": "breathing",
    "my lips are swollen": "lip_tongue_throat_swelling",
    "tongue feels thick": "lip_tongue_throat_swelling",
    "my throat is closing": "lip_tongue_throat_swelling",
    "upper lip is very swollen": "lip_tongue_throat_swelling",
    "my eye hurts": "eye_pain",
    "Light hurts": "eye_pain",
    "blurry since noon": "vision",
    "my sight is strange": "vision",
    "I can’t see well": "vision",
    "feeling faint": "fainting",
    "I fainted": "fainting",
    "so dizzy": "fainting",
    "I passed out twice": "fainting",
    "hives all over me": "hives_all_over",
    "heart is racing": "racing_heart",
    "me falta el aire": "breathing",
    "no puedo respirar": "breathing",
    "me cuesta respirar mucho": "breathing",
    "se me hincharon los labios": "lip_tongue_throat_swelling",
    "tengo la lengua hinchada": "lip_tongue_throat_swelling",
    "me duele el ojo": "eye_pain",
    "veo borroso": "vision",
    "me desmayé": "fainting",
    "estoy mareada": "fainting",
    "j'ai du mal à respirer": "breathing",
    "J’étouffe": "breathing",
    "mes lèvres gonflent": "lip_tongue_throat_swelling",
    "ma langue est enflée": "lip_tongue_throat_swelling",
    "mon œil me fait mal": "eye_pain",
    "je vois flou": "vision",
    "je me suis évanouie": "fainting",
    "j'ai des vertiges": "fainting",
}

WARNINGS = {
    "there is pus": "pus",
    "yellow liquid on my cheek": "pus",
    "I have a fever": "fever",
    "chills all night": "chills",
    "little blisters": "blisters",
    "cold sore on my lip": "cold_sore_tingle",
    "it is spreading": "spreading_heat",
    "it's getting worse": "pain_rising",
    "a rash on my arm": "hives",
    "skin looks burned": "burn_marks",
    "it is raw": "raw_skin",
    "the bleeding won't stop": "bleeding",
    "I'm worried": "worried",
    "Help me": "worried",
    "is this infected?": "worried",
    "one side is bigger": "one_sided_swelling",
    "swollen eyelids": "eye_area_infection",
    "tengo fiebre": "fever",
    "sale pus": "pus",
    "está sangrando": "bleeding",
    "ampollas pequeñas": "blisters",
    "estoy preocupada": "worried",
    "cada vez peor": "pain_rising",
    "j'ai de la fièvre": "fever",
    "ça saigne": "bleeding",
    "il y a du pus": "pus",
    "des cloques": "blisters",
    "je suis inquiète": "worried",
    "c'est de pire en pire": "pain_rising",
}

OTHERS = """
Thanks!
When can I wear makeup?
is it ok to use eye cream
keep an eye on it
faint lines are better
no worries
I can't see any difference yet
hi
🙂
???
¿Puedo usar maquillaje?
no veo cambios todavía
Puis-je me maquiller ?
un coup d'œil au planning
3 4 5 days
""".strip().splitlines()
