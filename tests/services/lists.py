"""Lists of pupils as schools export them, written by hand from what schools describe."""

import io
import zipfile

from openpyxl import Workbook

SIECLE = """<?xml version="1.0" encoding="ISO-8859-15"?>
<BEE_ELEVES VERSION="2.0">
  <PARAMETRES>
    <UAJ>{uai}</UAJ><ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE><DATE_EXPORT>01/10/2026</DATE_EXPORT>
  </PARAMETRES>
  <DONNEES>
    <ELEVES>
      <ELEVE ELEVE_ID="101" ELENOET="2001">
        <ID_NATIONAL>0123456789A</ID_NATIONAL><INE_RNIE>123456789AB</INE_RNIE>
        <NOM_DE_FAMILLE>LE GALLO</NOM_DE_FAMILLE><PRENOM>Maëlle</PRENOM><PRENOM2>Cœur</PRENOM2>
        <DATE_NAISS>14/02/2012</DATE_NAISS><CODE_SEXE>2</CODE_SEXE>
        <CODE_MEF>10310019110</CODE_MEF><CODE_PAYS>100</CODE_PAYS>
      </ELEVE>
      <ELEVE ELEVE_ID="102">
        <INE_RNIE>223456789AB</INE_RNIE>
        <NOM_DE_FAMILLE>N'DIAYE</NOM_DE_FAMILLE><PRENOM>Awa</PRENOM>
        <DATE_NAISS>03/11/2012</DATE_NAISS><CODE_MEF>10310019110</CODE_MEF>
      </ELEVE>
      <ELEVE ELEVE_ID="103">
        <NOM_DE_FAMILLE>PETIT</NOM_DE_FAMILLE><PRENOM>Tom</PRENOM>
        <DATE_NAISS>20/05/2013</DATE_NAISS><CODE_MEF>10210001110</CODE_MEF>
      </ELEVE>
      <ELEVE ELEVE_ID="104">
        <NOM_DE_FAMILLE>ROY</NOM_DE_FAMILLE><PRENOM>Inès</PRENOM>
        <DATE_NAISS>01/07/2012</DATE_NAISS><CODE_MEF>10310019110</CODE_MEF>
        <DATE_SORTIE>21/09/2026</DATE_SORTIE>
      </ELEVE>
      <ELEVE ELEVE_ID="105">
        <NOM_DE_FAMILLE>SAÏDI</NOM_DE_FAMILLE><PRENOM>Noé</PRENOM>
        <DATE_NAISS>09/01/2012</DATE_NAISS><CODE_MEF>16710002110</CODE_MEF>
      </ELEVE>
    </ELEVES>
    <STRUCTURES>
      <STRUCTURES_ELEVE ELEVE_ID="101">
        <STRUCTURE><CODE_STRUCTURE>3LATGR1</CODE_STRUCTURE><TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE>
        <STRUCTURE><CODE_STRUCTURE>3A</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
      </STRUCTURES_ELEVE>
      <STRUCTURES_ELEVE ELEVE_ID="102">
        <STRUCTURE>
          <CODE_STRUCTURE>3B </CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE>
        </STRUCTURE>
      </STRUCTURES_ELEVE>
      <STRUCTURES_ELEVE ELEVE_ID="103">
        <STRUCTURE><CODE_STRUCTURE>4A</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
      </STRUCTURES_ELEVE>
      <STRUCTURES_ELEVE ELEVE_ID="105">
        <STRUCTURE><CODE_STRUCTURE>3SEGPA</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
      </STRUCTURES_ELEVE>
    </STRUCTURES>
  </DONNEES>
</BEE_ELEVES>
"""

EXTRACTION = (
    "Etablissement;Nom de famille;Prénom;Id National;Date de naissance;Lieu naissance;"
    "Lib. Structure;Lib. MEF;Nom Responsable légal 1;Prénom Responsable légal 1;"
    "Courriel Responsable légal 1;Adresse Responsable légal 1;Bourses\r\n"
    "CLG STENDHAL;ŒUVRARD;Éloïse;123456789AB;12/04/2012;NANTES;3 B;3EME;OEUVRARD;Zoé;"
    "Zoe.Oeuvrard@Example.org;3 rue de l’Île;O\r\n"
    "CLG STENDHAL;ŒUVRARD;Gaël;223456789AB;12/04/2012;NANTES;3A;3EME;OEUVRARD;Zoé;"
    "zoe.oeuvrard@example.org;3 rue de l’Île;O\r\n"
    "CLG STENDHAL;DÃO;Yann;323456789AB;30/04/2013;NANTES;4C;4EME;DÃO;Rui;;;N\r\n"
)
"""Windows-1252, CRLF. Gaël and Éloïse are twins: one guardian, one address, two pupils."""

PRONOTE = (
    '"Nom"\t"Prénom"\t"Né(e) le"\t"Sexe"\t"Classe"\t"Régime"\t'
    '"Projet d\'accompagnement"\t"Mail resp. 1"\n'
    '"D\'ALMEIDA"\t"Jean-Marie"\t"05/06/2012"\t"M"\t"3EME A [3ALL2, 3LATIN]"\t"DP 4 j"\t'
    '"PAP : dyslexie,\nsuivi ""important"" ;\ntiers-temps"\t"a.dalmeida@example.org"\n'
    '"Benali"\t"Sofia"\t"31/02/2012"\t"F"\t"3ème B"\t"EXT"\t""\t""\n'
    '"Chevalier"\t"Léo"\t"07/08/2012"\t"M"\t""\t"DP"\t""\t"pas une adresse"\n'
)
"""UTF-8 with its mark, tabulations, quoted fields over several lines."""


def siecle(uai="0440284V", year="2026", encoding="iso8859-15"):
    """ElevesSansAdresses.xml."""
    return SIECLE.format(uai=uai, year=year).encode(encoding)


def zipped(**files):
    """An archive of these files; `__` in a name stands for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def xlsx(rows, title="Feuil1", **sheets):
    """A workbook of these rows, and of other sheets."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
