"""What fictional hosts do and what pupils would see there."""

from dataclasses import dataclass

from models import HostKind, Sector

COMPANY, ASSOCIATION = HostKind.COMPANY, HostKind.ASSOCIATION
STATE, LOCAL = HostKind.STATE, HostKind.LOCAL_AUTHORITY


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of host: `name` holds {} for a family name; `heat` is how much pupils want it."""

    name: str
    sector: Sector
    heat: float
    title: str
    description: str
    kind: HostKind = COMPANY


S = Sector
TRADES = (
    Trade("Studio {}", S.VIDEO_GAMES, 1.0, "Dans un studio de jeux vidéo",
          "Tu vois naître un personnage : dessin, animation, son, essais. Tu joues et tu dis ce qui ne va pas."),
    Trade("{} Numérique", S.COMPUTING, 0.7, "Créer un site avec une équipe",
          "Tu suis les développeurs, tu découvres comment un site est fait et tu écris ta première page."),
    Trade("Clinique vétérinaire {}", S.HEALTH, 1.0, "Avec les vétérinaires",
          "Tu accueilles les animaux, tu regardes les soins et tu comprends les études qu’il faut."),
    Trade("Pharmacie {}", S.HEALTH, 0.5, "Derrière le comptoir de la pharmacie",
          "Tu ranges, tu prépares, tu écoutes les conseils donnés aux patients."),
    Trade("Cabinet de kinésithérapie {}", S.PARAMEDICAL, 0.6, "Remettre le corps en mouvement",
          "Tu observes les exercices et tu apprends le nom des muscles."),
    Trade("Salon {}", S.WELLNESS, 0.6, "Une semaine au salon de coiffure",
          "Tu accueilles les clients, tu prépares le matériel et tu regardes les gestes de près."),
    Trade("Garage {}", S.AUTOMOTIVE, 0.8, "À l’atelier du garage",
          "Tu suis un mécanicien, du diagnostic à la réparation. Les voitures électriques aussi."),
    Trade("Carrosserie {}", S.MECHANICS, 0.4, "Redresser, poncer, peindre",
          "Tu vois une voiture cabossée redevenir neuve, étape par étape."),
    Trade("Menuiserie {}", S.WOOD, 0.4, "De la planche au meuble",
          "Tu suis les menuisiers, du dessin à la pose chez le client."),
    Trade("Maçonnerie {}", S.CONSTRUCTION, 0.4, "Sur un chantier",
          "Casque sur la tête, tu suis un chantier et tu lis les plans avec le chef d’équipe."),
    Trade("Électricité {}", S.ENERGY, 0.4, "Amener le courant",
          "Tu découvres un tableau électrique, des panneaux solaires et le métier d’électricienne."),
    Trade("Atelier d’architecture {}", S.ARCHITECTURE, 0.7, "Dessiner la ville",
          "Tu construis une maquette et tu visites un bâtiment en travaux."),
    Trade("Agence {}", S.REAL_ESTATE, 0.3, "Trouver un logement",
          "Tu accompagnes des visites et tu apprends à présenter un logement."),
    Trade("Boulangerie {}", S.HOSPITALITY, 0.5, "Le pain du matin",
          "Tu pétris, tu façonnes, tu décores. Le matin commence à 8 h pour toi."),
    Trade("Restaurant {}", S.HOSPITALITY, 0.5, "En cuisine et en salle",
          "Tu épluches, tu dresses, tu sers. À midi, tu manges avec la brigade."),
    Trade("Hôtel {}", S.TOURISM, 0.4, "L’accueil d’un hôtel",
          "Tu passes par la réception, les étages et la cuisine."),
    Trade("Maison {}", S.RETAIL, 0.3, "Tenir un magasin",
          "Tu déballes, tu mets en rayon, tu conseilles les clients avec l’équipe."),
    Trade("Transports {}", S.LOGISTICS, 0.3, "Le voyage d’un colis",
          "Tu suis un colis, du quai au camion, avec celles et ceux qui organisent les tournées."),
    Trade("Banque {}", S.BANKING, 0.3, "À quoi sert une banque ?",
          "Tu découvres les métiers d’une agence et tu construis le budget d’un projet."),
    Trade("Cabinet {}", S.ACCOUNTING_HR, 0.3, "Les chiffres d’une entreprise",
          "Tu apprends à lire une facture et à préparer un entretien d’embauche."),
    Trade("Étude {}", S.LAW, 0.6, "Avec des avocates",
          "Tu prépares un faux procès et tu assistes à une vraie audience."),
    Trade("Imprimerie {}", S.COMMUNICATION, 0.4, "De l’affiche à l’imprimerie",
          "Tu composes une affiche et tu la vois sortir de la machine."),
    Trade("Productions {}", S.AUDIOVISUAL, 0.9, "Sur un tournage",
          "Tu tiens la perche, tu regardes le montage, tu écris une scène."),
    Trade("Ateliers {}", S.INDUSTRIAL_ENGINEERING, 0.4, "Une pièce, de l’idée à l’usine",
          "Tu dessines une pièce sur ordinateur et tu la vois usinée."),
    Trade("Chantiers {}", S.AERO_RAIL_NAVAL, 0.7, "Construire un bateau",
          "Tu suis les équipes qui dessinent, soudent et équipent un bateau."),
    Trade("Conserverie {}", S.FOOD_INDUSTRY, 0.2, "Du port à la boîte",
          "Tu suis les produits, de l’arrivée au contrôle de la qualité."),
    Trade("Ferme {}", S.AGRICULTURE, 0.5, "Une semaine à la ferme",
          "Tu nourris les bêtes, tu suis la traite et tu vends au marché."),
    Trade("Paysages {}", S.ENVIRONMENT, 0.4, "Soigner les arbres et les jardins",
          "Tu plantes, tu tailles, tu reconnais les espèces avec les jardiniers."),
    Trade("Couture {}", S.FASHION, 0.6, "Un vêtement, de la mesure à l’essayage",
          "Tu prends les mesures, tu coupes, tu couds une trousse pour toi."),
    Trade("Club sportif {}", S.SPORT, 1.0, "Dans les coulisses d’un club",
          "Tu prépares un match avec l’équipe : terrain, entraînement, billets, réseaux sociaux.", ASSOCIATION),
    Trade("Théâtre {}", S.PERFORMING_ARTS, 0.6, "Monter un spectacle",
          "Lumière, son, costumes : tu prépares une représentation avec l’équipe.", ASSOCIATION),
    Trade("Radio {}", S.JOURNALISM, 0.7, "Une émission de radio",
          "Tu choisis un sujet, tu poses les questions, tu passes à l’antenne.", ASSOCIATION),
    Trade("Entraide {}", S.SOCIAL_WORK, 0.4, "Aider près de chez soi",
          "Tu prépares les colis et tu accueilles les familles avec les bénévoles.", ASSOCIATION),
    Trade("Ressourcerie {}", S.ENVIRONMENT, 0.3, "Donner une autre vie aux objets",
          "Tu tries, tu répares, tu mets en vente ce que d’autres ont jeté.", ASSOCIATION),
    Trade("École {}", S.TEACHING, 0.5, "De l’autre côté du bureau",
          "Tu aides une classe de maternelle avec la maîtresse et l’Atsem.", LOCAL),
    Trade("Médiathèque {}", S.BOOKS, 0.4, "Dans les rayons de la médiathèque",
          "Tu choisis des livres, tu racontes une histoire aux petits.", LOCAL),
    Trade("Espaces verts {}", S.ENVIRONMENT, 0.3, "Les jardiniers de la ville",
          "Tu suis une équipe dans les parcs et les serres de la commune.", LOCAL),
    Trade("Centre technique {}", S.MAINTENANCE, 0.3, "Tout ce qui fait marcher une ville",
          "Routes, bâtiments, éclairage : tu changes d’équipe chaque jour.", LOCAL),
)  # fmt: skip
STATE_SERVICES = (
    ("Préfecture de la Loire-Atlantique", "Nantes", S.PUBLIC_SERVICE, "Au cœur de la préfecture"),
    ("Sous-préfecture de Saint-Nazaire", "Saint-Nazaire", S.PUBLIC_SERVICE, "Une semaine à la sous-préfecture"),
    ("Sous-préfecture de Châteaubriant-Ancenis", "Châteaubriant", S.PUBLIC_SERVICE, "L’État près de chez toi"),
    ("DDTM de la Loire-Atlantique", "Nantes", S.ENVIRONMENT, "Protéger l’eau et la mer"),
    ("DDETS de la Loire-Atlantique", "Nantes", S.SOCIAL_WORK, "Le droit du travail et la solidarité"),
    ("DDPP de la Loire-Atlantique", "Nantes", S.FOOD_INDUSTRY, "Vérifier ce que nous mangeons"),
    ("DREETS des Pays de la Loire", "Nantes", S.ACCOUNTING_HR, "Au service de l’emploi"),
    ("DREAL des Pays de la Loire", "Nantes", S.ENERGY, "L’énergie et le climat"),
    ("DRAC des Pays de la Loire", "Nantes", S.HERITAGE, "Archéologues et monuments"),
    ("DRAAF des Pays de la Loire", "Nantes", S.AGRICULTURE, "Forêts, champs et laboratoires"),
    ("Rectorat de l’académie de Nantes", "Nantes", S.TEACHING, "Derrière les collèges et les lycées"),
    ("DSDEN de la Loire-Atlantique", "Nantes", S.TEACHING, "Organiser une rentrée"),
    ("DRFiP des Pays de la Loire", "Nantes", S.ACCOUNTING_HR, "Où va l’argent public ?"),
    ("Commissariat de police de Nantes", "Nantes", S.SECURITY, "Les métiers de la police"),
    ("Commissariat de police de Saint-Nazaire", "Saint-Nazaire", S.SECURITY, "La police au quotidien"),
    ("Gendarmerie de Châteaubriant", "Châteaubriant", S.SECURITY, "Avec les gendarmes"),
    ("ARS des Pays de la Loire", "Nantes", S.HEALTH, "Organiser les soins"),
    ("Insee Pays de la Loire", "Nantes", S.RESEARCH, "Compter pour comprendre"),
    ("Douanes de Nantes", "Nantes", S.SECURITY, "Contrôler ce qui entre"),
    ("DIRM Nord Atlantique-Manche Ouest", "Saint-Nazaire", S.LOGISTICS, "La mer, ses bateaux, ses secours"),
    ("Tribunal judiciaire de Nantes", "Nantes", S.LAW, "Au tribunal"),
    ("Tribunal judiciaire de Saint-Nazaire", "Saint-Nazaire", S.LAW, "Une audience, un jugement"),
    ("Protection judiciaire de la jeunesse", "Nantes", S.SOCIAL_WORK, "Éducateur, un métier d’écoute"),
    ("Base de défense de Nantes", "Nantes", S.DEFENCE, "Les métiers des armées"),
)  # fmt: skip
