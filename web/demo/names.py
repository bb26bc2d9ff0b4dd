"""Names of nobody: common first and last names, mixed at random."""

from random import Random

from web.adapters.places import normalised

FIRST = """
Adam Aïcha Alexis Alice Aliya Amadou Ambre Amina Anaïs Anton Arthur Assia Ayoub Basile Bilal Blanche
Camille Célia Chloé Clara Daouda Dina Djibril Elena Elias Elif Éloïse Emma Enzo Esma Esteban Fanta
Fatou Félix Gabin Gabriel Hana Hugo Ibrahim Ilyes Imane Inaya Inès Ismaël Issa Jade Jeanne Joachim
Jules Kadiatou Kaïs Karim Kenza Khadija Lamine Léa Léo Leïla Lina Lisa Loane Lola Louis Louise
Lucas Maël Maëlys Malik Malo Mamadou Manon Mariam Marin Martin Maya Mehdi Mélissa Mila Mohamed
Moussa Nabil Naïm Nawel Nina Noah Noé Nolan Nora Nour Océane Omar Oumar Paul Rania Rayan Robin
Romane Ryad Salma Sami Samira Sarah Selma Shaïna Sofia Soren Souleymane Tao Théo Thuy Tiago Titouan
Valentine Victor Yaëlle Yanis Yasmine Younes Zélie Zoé
""".split()
LAST = """
Abdallah Aubert Bakari Barbier Baudry Belkacem Benali Bernard Bertin Bouchet Boudjemaa Bouvier
Briand Camara Cavalier Chauvin Chevalier Cissé Cordier Coulibaly Dembélé Denis Deniaud Diallo Diarra
Diop Dos_Santos Dubois Dufour Durand El_Amrani El_Khoury Fernandes Ferreira Fofana Fortin Gautier
Gérard Ghezali Girard Guérin Guilbaud Haddad Hamidi Hervé Huet Jaouen Joly Kaba Kaya Keita Konaté
Lambert Laurent Le_Bihan Le_Gall Le_Goff Lebreton Lefèvre Leroux Lucas Maillard Mansouri Marchand
Martin Mbaye Mercier Meziane Moreau Morin Nguyen Nicolas Ouattara Oliveira Pasquier Perrin Petit
Picard Pinto Quéré Raimbault Renaud Rivière Robin Rousseau Roy Saïdi Sanogo Schmitt Sow Tessier
Touré Traoré Tran Vallet Vasseur Yıldız Zeroual
""".split()


def person(rng: Random) -> tuple[str, str]:
    """A first name and a last name."""
    return rng.choice(FIRST), family_name(rng)


def family_name(rng: Random) -> str:
    """A last name; its parts are joined by « _ » in the list."""
    return rng.choice(LAST).replace("_", " ")


def mail_name(first: str, last: str) -> str:
    """The left side of a mail address: « ines.le-goff »."""
    return f"{normalised(first)}.{normalised(last)}".replace(" ", "-")
