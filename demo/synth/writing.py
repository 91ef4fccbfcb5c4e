"""How does somebody in a hurry write a person down?

Nicknames, slips of the finger, swapped fields, titles, capitals; half a date of birth, a placeholder or none; a
postcode without its space, an address cut short, either year form of a PNC id. What is written is never another
person's: the labels stay true.
"""

from datetime import date
from random import Random

from demo.synth.people import Person, names

Written = dict[str, str]

PERSON_COLUMNS = (
    "given_names",
    "surname",
    "alias",
    "date_of_birth",
    "dob_status",
    "gender",
    "postcode",
    "local_authority",
)


def carefully(person: Person) -> Written:
    """A person with everything that is known, without a slip."""
    return {
        "source_person_id": person.nominals[0] if person.nominals else "",
        "given_names": f"{person.given} {person.second}".strip(),
        "surname": person.surname,
        "alias": person.alias,
        "date_of_birth": person.born.isoformat(),
        "dob_status": person.born_status,
        "age_stated": "",
        "gender": person.gender,
        "ethnicity": person.ethnicity,
        "address": person.home.address,
        "postcode": person.home.postcode,
        "local_authority": person.home.authority,
        "telephone": person.telephone,
        "pnc_id": person.pnc_id,
        "school": person.school,
    }


def hastily(person: Person, on: date, random: Random) -> Written:
    """A person as somebody wrote them down on a day."""
    written = carefully(person) | _name(person, random) | _birth(person, on, random)
    written["source_person_id"] = random.choice(person.nominals) if person.nominals and random.random() < 0.8 else ""
    if written["postcode"] and random.random() < 0.2:
        written["postcode"] = written["postcode"].replace(" ", "")
    if random.random() < 0.01:
        written["postcode"] = "NF1 1NF"  # how record systems write "no fixed abode"
    written["address"] = _address(person, random)
    written["telephone"] = _telephone(person.telephone, random)
    if random.random() < 0.3:
        written["pnc_id"] = written["pnc_id"][2:]
    for column, left_out in LEFT_OUT.items():
        if random.random() < left_out:
            written[column] = ""
    return written


LEFT_OUT = {
    "alias": 0.4,
    "gender": 0.05,
    "ethnicity": 0.5,
    "address": 0.3,
    "postcode": 0.3,
    "local_authority": 0.2,
    "telephone": 0.5,
    "pnc_id": 0.4,
    "school": 0.7,
}


def _name(person: Person, random: Random) -> Written:
    given = person.given
    variants = names()[person.gender.lower()][given]
    chance = random.random()
    if chance < 0.15 and variants:
        given = random.choice(variants)
    elif chance < 0.23:
        given = slip(given, random)
    elif chance < 0.30 and person.second:
        given = f"{given} {person.second}"
    surname = slip(person.surname, random) if random.random() < 0.07 else person.surname
    chance = random.random()
    if chance < 0.02:
        given, surname = surname, given
    elif chance < 0.06:
        surname = surname.upper()
    elif chance < 0.09:
        given, surname = given.upper(), surname.upper()
    elif chance < 0.11:
        given = f"{'Mr' if person.gender == 'Male' else 'Miss'} {given}"
    elif chance < 0.12:
        given = ""
    elif chance < 0.14:
        surname = surname.replace("-", " ").replace("'", " ")
    return {"given_names": given, "surname": surname}


def slip(text: str, random: Random) -> str:
    """One letter doubled, dropped, or two swapped."""
    if len(text) < 4:
        return text
    place = random.randint(1, len(text) - 2)
    return random.choice(
        (
            text[:place] + text[place] + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        )
    )


def _birth(person: Person, on: date, random: Random) -> Written:
    born, chance = person.born, random.random()
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if chance < 0.10:
        return {"date_of_birth": "", "dob_status": "UNKNOWN", "age_stated": str(age) if random.random() < 0.4 else ""}
    if chance < 0.13:
        return {"date_of_birth": random.choice(("1900-01-01", "1970-01-01")), "dob_status": "UNKNOWN"}
    if chance < 0.18:
        return {"date_of_birth": str(born.year), "dob_status": "ESTIMATED"}
    if person.born_status != "VERIFIED":
        return {"date_of_birth": born.isoformat(), "dob_status": person.born_status}
    if chance < 0.22 and born.day <= 12:
        return {"date_of_birth": date(born.year, born.day, born.month).isoformat(), "dob_status": "STATED"}
    return {"date_of_birth": born.isoformat(), "dob_status": "STATED" if chance < 0.45 else "VERIFIED"}


def _address(person: Person, random: Random) -> str:
    address = person.home.address
    if random.random() < 0.2:
        street, _, kind = address.rpartition(" ")
        address = f"{street} {names()['street_kinds'][kind]}"
    return address


def _telephone(number: str, random: Random) -> str:
    if not number or random.random() < 0.6:
        return number
    return random.choice((f"0{number[3:]}", f"0{number[3:7]} {number[7:]}", f"+44 (0){number[3:7]} {number[7:]}"))
