"""Class lists as the systems give them, to the byte, and results of a class of five that are in all of them."""

from autograder.model import CheckResult, Mark, SubmissionResult

NAME = "mapping_representations"
TITLE = "Mapping representations"

CANVAS = (
    b"Student,ID,SIS User ID,SIS Login ID,Section,Notes,Homework 0 (90001),Mapping representations (90017),"
    b"Assignments Current Score,Final Score\n"
    b",,,,,,Manual Posting,Manual Posting,,\n"
    b"    Points Possible,,,,,(read only),10.00,20.00,(read only),(read only)\n"
    b'"Lovelace, Ada",4711,S001,ada,"CS 101, Group A",,9.50,,95.00,95.00\n'
    b'"Hopper, Grace",4712,S002,grace,CS 101,"says ""hi""",,,,\n'
    b'"Turing, Alan",4713,S003,alan,CS 101,,8.00,EX,80.00,80.00\n'
    b'"=SUM(A1), Eve",4714,S004,eve,CS 101,,7.00,3.00,70.00,70.00\n'
    b'"Noether, Emmy",4715,S005,emmy,CS 101,,10.00,17.00,100.00,100.00\n'
    b'"Student, Test",4799,,4d2c1f,CS 101,,,,,\n'
)

CANVAS_SEMICOLONS = (
    b"\xef\xbb\xbf"
    b"Student;ID;SIS Login ID;Section;Mapping representations (90017);Final Score\r\n"
    b"    Points Possible;;;;20,00;(read only)\r\n"
    b'"Lovelace, Ada";4711;ada@uni.example;CS 101;;95,00\r\n'
    b'"Hopper, Grace";4712;grace@uni.example;CS 101;12,50;\r\n'
)

MOODLE = (
    b'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    b'"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    b'Participant4711,"Ada Lovelace",S001,ada@uni.example,"Submitted for grading",,20.00,Yes,'
    b'"Monday, 2 March 2026, 10:30 AM",-,\n'
    b'Participant4712,"Grace Hopper",S002,grace@uni.example,"Submitted for grading",-,20.00,Yes,'
    b'"Monday, 2 March 2026, 10:31 AM",-,"<p>See ""me"",\n please</p>"\n'
    b'Participant4713,"Alan Turing",S003,alan@uni.example,"Submitted for grading",,20.00,No,'
    b'"Monday, 2 March 2026, 10:32 AM",-,\n'
    b'Participant4714,"=SUM(A1) Eve",S004,eve@uni.example,"No submission",3.00,20.00,Yes,-,'
    b'"Tuesday, 3 March 2026, 9:00 AM",\n'
    b'Participant4715,"Emmy Noether",S005,emmy@uni.example,"Submitted for grading",17.00,20.00,Yes,-,-,\n'
)


def _moodle(header: str, word: str, yes: str) -> bytes:
    """Return a worksheet of two students in another language, with decimal commas, as Moodle writes it."""
    return (
        b"\xef\xbb\xbf"
        + (
            f"{header}\n"
            f'{word}4711,"Ada Lovelace",ada@uni.example,x,,"20,00",{yes},-,-,\n'
            f'{word}4712,"Grace Hopper",grace@uni.example,x,"7,50","20,00",{yes},-,-,\n'
        ).encode()
    )


MOODLE_IN = {
    "de": _moodle(
        'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
        '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"',
        "Teilnehmer/in",
        "Ja",
    ),
    "fr": _moodle(
        'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale","La note peut être modifiée",'
        '"Dernière modification (travail remis)","Dernière modification (note)","Feedback par commentaires"',
        "Participant",
        "Oui",
    ),
    "es": _moodle(
        'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,"Calificación máxima",'
        '"La calificación puede ser cambiada","Última modificación (entrega)","Última modificación (calificación)",'
        '"Comentarios de retroalimentación"',
        "Participante ",
        "Sí",
    ),
    "it": _moodle(
        'Identificativo,Nome,"Indirizzo email",Stato,Valutazione,"Valutazione massima","La valutazione può essere cambiata",'
        '"Ultima modifica (consegna)","Ultima modifica (valutazione)",Commenti',
        "Partecipante",
        "Sì",
    ),
    "pt": _moodle(
        'Identificador,"Nome completo","Endereço de email",Status,Nota,"Nota máxima","Nota pode ser alterada",'
        '"Última modificação (envio)","Última modificação (nota)","Comentários de feedback"',
        "Participante",
        "Sim",
    ),
    "nl": _moodle(
        'Identificatie,"Volledige naam",E-mailadres,Status,Cijfer,"Maximaal cijfer","Het cijfer kan gewijzigd worden",'
        '"Laatst gewijzigd (inzending)","Laatst gewijzigd (beoordeling)",Feedback',
        "Deelnemer",
        "Ja",
    ),
    # A language that is not known here: the columns are told by what stands in them.
    "xx": _moodle("Aa,Bb,Cc,Dd,Ee,Ff,Gg,Hh,Ii,Jj", "Osalleja ", "Jah"),
}

BLACKBOARD = (
    b"\xef\xbb\xbf"
    b'"Last Name","First Name","Username","Student ID","Last Access","Availability",'
    b'"Homework 0 [Total Pts: 10 Score] |574282","Mapping representations [Total Pts: 20 Score] |574283"\r\n'
    b'"Lovelace","Ada","ada","S001","2026-03-02 10:30:00","Yes","9.5",""\r\n'
    b'"Hopper","Grace","grace","S002","","Yes","","Needs Grading"\r\n'
    b'"Turing","Alan","alan","S003","","Yes","8.0",""\r\n'
    b'"=SUM(A1)","Eve","eve","S004","","Yes","7.0","3.0"\r\n'
    b'"Noether","Emmy","emmy","S005","","Yes","10.0","17.0"\r\n'
)

BLACKBOARD_XLS = b"\xff\xfe" + (
    '"Nachname"\t"Vorname"\t"Benutzername"\t"Teilnehmer-ID"\t"Mapping representations [Punkte insgesamt: 20 Punkte] |574283"\r\n'
    '"Lovelace"\t"Ada"\t"ada"\t"S001"\t""\r\n'
    '"Höpper"\t"Grace"\t"grace"\t"S002"\t"12.5"'
).encode("utf-16-le")

D2L = (
    b"OrgDefinedId,Username,Last Name,First Name,Email,Homework 0 Points Grade <Numeric MaxPoints:10 Weight:5>,"
    b"Mapping representations Points Grade <Numeric MaxPoints:20 Weight:10 Category:Assignments CategoryWeight:40>,"
    b"End-of-Line Indicator\r\n"
    b"#0004711,#ada,Lovelace,Ada,ada@uni.example,9.5,,#\r\n"
    b"#0004712,#grace,Hopper,Grace,grace@uni.example,,,#\r\n"
    b"#0004713,#alan,Turing,Alan,alan@uni.example,8,,#\r\n"
    b"#0004714,#eve,=SUM(A1),Eve,eve@uni.example,7,3.00,#\r\n"
    b"#0004715,#emmy,Noether,Emmy,emmy@uni.example,10,17.00,#\r\n"
)

FILES = {"canvas": CANVAS, "moodle": MOODLE, "blackboard": BLACKBOARD, "d2l": D2L}
"""The class of five in each system's file."""

WRITTEN = {
    student: (Mark("ex1_written", 2.5, 4.0, "Say <i>why</i>."), Mark("ex2_written", 1.0, 6.0))
    for student in ("ada", "grace", "alan", "eve", "emmy")
}


def result(student: str, score: float = 11.0, *, status: str = "graded", check: str = "failed") -> SubmissionResult:
    """Return a student's result: one check that cost points, one that didn't."""
    checks = (
        CheckResult("ex2_plot", "passed", min(score, 2.0), 2.0),
        CheckResult("ex2_activations", check, max(score - 2.0, 0.0), 15.0, "wrong_layer", "conv1", "No <b>layer</b>."),
    )
    return SubmissionResult(student, NAME, status, score, 17.0, "process", 1.9, None, checks)


CLASS = (result("ada"), result("grace", 7.5), result("alan", 17.0), result("eve", 0.0), result("emmy", 17.0))
