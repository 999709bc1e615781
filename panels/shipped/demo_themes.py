"""The subjects of the demonstration catalogue: real gene names, arranged by us and by nobody's curation.

A gene may carry its mode of inheritance after a colon; otherwise it takes its
subject's, or the X chromosome's or the mitochondrion's where it lies there.
"""

from __future__ import annotations

from dataclasses import dataclass

INHERITANCE = {
    "M": "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted",
    "U": "MONOALLELIC, autosomal or pseudoautosomal, imprinted status unknown",
    "B": "BIALLELIC, autosomal or pseudoautosomal",
    "MB": "BOTH monoallelic and biallelic, autosomal or pseudoautosomal",
    "MBS": (
        "BOTH monoallelic and biallelic (but BIALLELIC mutations cause a more SEVERE disease form), "
        "autosomal or pseudoautosomal"
    ),
    "XR": "X-LINKED: hemizygous mutation in males, biallelic mutations in females",
    "XD": (
        "X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease "
        "(may be less severe, later onset than males)"
    ),
    "MT": "MITOCHONDRIAL",
    "?": "Unknown",
    "-": "",
}


@dataclass(frozen=True)
class Theme:
    key: str
    name: str
    group: str
    sub_group: str
    phenotype: str  # an HPO id, used by the Australian service
    inheritance: str
    genes: str
    part: str = ""  # a smaller panel of the first third of the genes, UK only


THEMES = (
    Theme(
        "hcm",
        "Hypertrophic cardiomyopathy",
        "Cardiology",
        "Cardiomyopathy",
        "HP:0001639",
        "M",
        """
        MYBPC3:MBS MYH7 TNNT2 TNNI3 TPM1 MYL2 MYL3 ACTC1 PLN FLNC LMNA GLA PRKAG2 LAMP2 TNNC1 ACTN2 CSRP3
        FHL1 TTR JPH2 ALPK3:B FHOD3 TRIM63:B MYOZ2 NEXN TCAP PTPN11 RAF1 RIT1 BRAF SOS1 KRAS HRAS GAA:B
        CACNA1C DES CRYAB TTN GBA1:B AGL:B SLC25A4:B COX15:B MYH6 VCL LDB3 ANKRD1 CALR3 KLF10 MYPN OBSCN""",
    ),
    Theme(
        "dcm",
        "Dilated cardiomyopathy",
        "Cardiology",
        "Cardiomyopathy",
        "HP:0001644",
        "M",
        """
        TTN LMNA MYH7 TNNT2 FLNC BAG3 RBM20 PLN DSP DES SCN5A TNNC1 TNNI3:MB TPM1 ACTC1 ACTN2 VCL NEXN JPH2
        DMD TAFAZZIN LDB3 MYBPC3 EMD NKX2-5 TBX20 PRDM16 CSRP3 TCAP MYH6 MYPN ANKRD1 ABCC9 CRYAB EYA4
        GATAD1:B ILK LAMA4 NEBL PSEN1 PSEN2 SGCD:B TMPO TNNI3K DOLK:B PPCS:B RPL3L:B ALMS1:B FKTN:B FKRP:B
        SDHA:B DNAJC19:B""",
        "Arrhythmogenic cardiomyopathy",
    ),
    Theme(
        "arrhythmia",
        "Cardiac arrhythmia",
        "Cardiology",
        "Arrhythmia",
        "HP:0001657",
        "M",
        """
        KCNQ1:MBS KCNH2 SCN5A RYR2 CALM1 CALM2 CALM3 CASQ2:MB TRDN:B TECRL:B KCNJ2 CACNA1C KCNE1:MB KCNE2
        ANK2 AKAP9 CAV3 SNTA1 SCN4B KCNJ5 HCN4 GNB5:B TRPM4 SCN1B SCN2B SCN3B GPD1L CACNB2 CACNA2D1 KCND3
        KCNE3 RANGRF SLMAP PKP2 DSP DSG2 DSC2 JUP TMEM43 PLN LMNA TGFB3 CTNNA3 DES NPPA KCNA5 GJA5 PPA2:B""",
        "Long QT syndrome",
    ),
    Theme(
        "hearing",
        "Hearing loss",
        "Hearing and ear disorders",
        "Monogenic hearing loss",
        "HP:0000365",
        "B",
        """
        GJB2:MB SLC26A4 MYO7A:MB OTOF TECTA:MB CDH23 TMC1:MB MYO15A USH2A STRC TMPRSS3 LOXHD1 PCDH15 USH1C
        USH1G ADGRV1 WHRN CLRN1 MYO6:MB KCNQ4:M COCH:MB ACTG1:M EYA4:M POU3F4 POU4F3:M WFS1:MB DIAPH1:MB
        GSDME:M GRHL2:M MYH9:M MYH14:M CEACAM16:MB ESPN ESRRB ILDR1 LHFPL5 MARVELD2 OTOA OTOG OTOGL PJVK
        PTPRQ RDX RIPOR2 S1PR2 TPRN TRIOBP GIPC3 GRXCR1 GRXCR2 CABP2 CIB2 CLDN14 COL11A1:M COL11A2:MB
        COL4A3:MB COL4A5 EDN3:M EDNRB:MB EYA1:M MITF:M PAX3:M SOX10:M SIX1:M KARS1 LARS2 HARS2 HSD17B4 CLPP
        TWNK PRPS1 SMPX TBC1D24 MT-RNR1 MT-TS1""",
        "Usher syndrome",
    ),
    Theme(
        "epilepsy",
        "Genetic epilepsy",
        "Neurology and neurodevelopmental disorders",
        "Epilepsy",
        "HP:0001250",
        "M",
        """
        SCN1A SCN2A SCN8A KCNQ2 KCNQ3 CDKL5 STXBP1 PCDH19 ARX SLC2A1 GABRA1 GABRB3 GABRG2 GRIN2A GRIN2B
        GRIN1 HCN1 KCNT1 KCNA2 KCNB1 KCNC1 CHD2 SYNGAP1 SLC6A1 SLC13A5:B ALDH7A1:B PNPO:B PNKP:B TBC1D24:B
        WWOX:B SZT2:B DEPDC5 NPRL2 NPRL3 TSC1 TSC2 MTOR FOXG1 MECP2 UBE3A DNM1 DNM1L EEF1A2 GNAO1 HNRNPU
        IQSEC2 SLC35A2 ALG13 PIGA SPTAN1 SYN1 PRRT2 LGI1 CHRNA4 CHRNB2 CACNA1A CACNA1E CLN3:B CLN5:B CLN6:B
        CLN8:B MFSD8:B PPT1:B TPP1:B CSTB:B EPM2A:B NHLRC1:B POLG:MB CPLANE1:? YARS1:B""",
        "Early infantile epileptic encephalopathy",
    ),
    Theme(
        "ataxia",
        "Hereditary ataxia",
        "Neurology and neurodevelopmental disorders",
        "Motor disorders",
        "HP:0001251",
        "B",
        """
        ATM SETX APTX FXN SACS SYNE1 ANO10 TTPA POLG:MB COQ8A PNPLA6 SPG7:MB STUB1:MB AFG3L2:MB CACNA1A:M
        KCNA1:M KCNC3:M KCND3:M PRKCG:M ITPR1:M SPTBN2:MB TTBK2:M FGF14:M TMEM240:M EEF2:M ELOVL4:M ELOVL5:M
        CACNA1G:M PDYN:M TGM6:M DNMT1:M GRM1:MB CWF19L1 GRID2:MB PMPCA RNF216 RUBCN SIL1 SLC1A3:M TDP1 TPP1
        VLDLR WDR81 WFS1 XRCC1 PNKP MRE11 MTTP CYP27A1 NPC1 NPC2 GBA2 HEXA HEXB GALC ARSA L2HGDH MT-ATP6""",
        "Episodic ataxia",
    ),
    Theme(
        "retina",
        "Retinal dystrophy",
        "Ophthalmological disorders",
        "Posterior segment",
        "HP:0000556",
        "B",
        """
        ABCA4 USH2A RPGR RHO:MB PRPH2:MB RPE65:MB CRB1 EYS CEP290 GUCY2D:MB BEST1:MB RP1:MB RP2 CHM RS1
        CNGA1 CNGB1 CNGA3 CNGB3 PDE6A PDE6B PDE6C PDE6H GNAT2 ATF6 CRX:M NRL:M NR2E3:MB PRPF3:M PRPF8:M
        PRPF31:M PRPF6:M SNRNP200:M TOPORS:M IMPDH1:M KLHL7:M RDH12:MB RDH5 RLBP1 LRAT MERTK TULP1 AIPL1
        LCA5 RPGRIP1 SPATA7 IQCB1 NMNAT1 KCNV2 CDHR1 CERKL PROM1:MB C1QTNF5:M TIMP3:M EFEMP1:M FAM161A IDH3B
        MAK REEP6 ZNF513 BBS1 BBS2 BBS4 BBS5 BBS7 BBS9 BBS10 BBS12 ARL6 MKKS TTC8 MYO7A CDH23 PCDH15 CLRN1
        ADGRV1""",
        "Achromatopsia and cone disorders",
    ),
    Theme(
        "kidney",
        "Cystic kidney disease",
        "Renal and urinary tract disorders",
        "Cystic kidney",
        "HP:0000107",
        "B",
        """
        PKD1:MBS PKD2:M PKHD1 GANAB:M DNAJB11:M HNF1B:M UMOD:M MUC1:M REN:M SEC61A1:M TSC1:M TSC2:M VHL:M
        OFD1 NPHP1 INVS NPHP3 NPHP4 IQCB1 CEP290 GLIS2 RPGRIP1L NEK8 SDCCAG8 TMEM67 TTC21B WDR19 ZNF423
        CEP164 ANKS6 IFT172 CEP83 DCDC2 IFT140 MAPKBP1 XPNPEP3 SLC41A1 TRAF3IP1 BICC1:? CPLANE1 B9D1 B9D2
        CC2D2A MKS1 TCTN2 TMEM216 TMEM231 TMEM237 AHI1 ARL13B INPP5E KIAA0586 COL4A3:MB COL4A4:MB COL4A5
        ALG8:M ALG9:M LRP5:? PMM2 SEC63:M PRKCSH:M""",
    ),
    Theme(
        "mito",
        "Mitochondrial disorders",
        "Metabolic disorders",
        "Mitochondrial",
        "HP:0003287",
        "B",
        """
        POLG:MB POLG2:M TWNK:MB RRM2B:MB TK2 DGUOK MPV17 SUCLA2 SUCLG1 FBXL4 MGME1 OPA1:MB MFN2:MB SURF1
        SCO1 SCO2 COX10 COX15 COX6B1 LRPPRC TACO1 PET100 NDUFS1 NDUFS2 NDUFS3 NDUFS4 NDUFS6 NDUFS7 NDUFS8
        NDUFV1 NDUFV2 NDUFA1 NDUFA2 NDUFA9 NDUFA10 NDUFA11 NDUFA12 NDUFAF1 NDUFAF2 NDUFAF3 NDUFAF4 NDUFAF5
        NDUFAF6 ACAD9 FOXRED1 NUBPL SDHA SDHAF1 BCS1L TTC19 UQCRB UQCRQ ATPAF2 ATP5F1E TMEM70 AARS2 CARS2
        DARS2 EARS2 FARS2 GARS1:M HARS2 IARS2 KARS1 LARS2 MARS2 NARS2 PARS2 RARS2 SARS2 TARS2 VARS2 WARS2
        YARS2 MTO1 GTPBP3 TSFM TUFM GFM1 COQ2 COQ4 COQ6 COQ8A COQ9 PDSS1 PDSS2 PDHA1 PDHX DLAT DLD LIPT1
        ETHE1 AIFM1 MT-ATP6 MT-ND1 MT-ND4 MT-ND5 MT-ND6 MT-CO1 MT-CYB MT-TL1 MT-TK""",
        "Mitochondrial DNA depletion",
    ),
    Theme(
        "metabolic",
        "Organic acidaemias",
        "Metabolic disorders",
        "Organic acids",
        "HP:0001992",
        "B",
        """
        MMUT MMAA MMAB MMACHC MMADHC LMBRD1 ABCD4 HCFC1 MCEE PCCA PCCB IVD MCCC1 MCCC2 GCDH BCKDHA BCKDHB
        DBT PPM1K HLCS BTD HMGCL HMGCS2 ACAT1 OXCT1 ETFA ETFB ETFDH ACADM ACADVL ACADS ACADSB CPT1A CPT2
        SLC25A20 SLC22A5 HADHA HADHB HADH AUH OPA3:MB DNAJC19 SERAC1 TAFAZZIN ASPA L2HGDH D2HGDH IDH2:M FH
        SUCLG1 GBA1 PAH QDPR GCH1:MB PTS""",
    ),
    Theme(
        "immune",
        "Primary immunodeficiency",
        "Immunological disorders",
        "Immunodeficiency",
        "HP:0002721",
        "B",
        """
        IL2RG JAK3 IL7R RAG1 RAG2 ADA DCLRE1C LIG4 NHEJ1 PRKDC CD3D CD3E CD3G CD247 ZAP70 LCK CORO1A PNP
        AK2:B CIITA RFX5 RFXAP RFXANK CD40 CD40LG AICDA UNG BTK IGLL1 CD79A CD79B BLNK PIK3CD:M PIK3R1:MB
        CTLA4:M LRBA FOXP3 IL2RA STAT1:MB STAT3:M DOCK8 TYK2 WAS WIPF1 CYBB CYBA NCF1 NCF2 NCF4 ELANE:M HAX1
        G6PC3 GFI1:M ITGB2 SH2D1A XIAP PRF1 UNC13D STX11 STXBP2 RAB27A LYST AP3B1 FAS:MB FASLG:MB CASP10:M
        MEFV:MB TNFRSF1A:M NLRP3:M MVK""",
        "Severe combined immunodeficiency",
    ),
    Theme(
        "muscle",
        "Congenital myopathy",
        "Neurology and neurodevelopmental disorders",
        "Neuromuscular",
        "HP:0003198",
        "B",
        """
        RYR1:MB NEB ACTA1:MB TPM2:M TPM3:MB TNNT1 CFL2 KBTBD13:M KLHL40 KLHL41 LMOD3 MTM1 DNM2:M BIN1:MB
        SELENON MYH7:M MYH2:MB TTN:MB CNTN1 MEGF10 SPEG STAC3 DMD DYSF CAPN3:MB ANO5 SGCA SGCB SGCG SGCD
        FKRP FKTN POMT1 POMT2 POMGNT1 LARGE1 CRPPA B3GALNT2 GMPPB DAG1 LAMA2 COL6A1:MB COL6A2:MB COL6A3:MB
        COL12A1:MB EMD LMNA:MB SYNE2:M CAV3:MB DES:MB FLNC:M BAG3:M MYOT:M LDB3:M CRYAB:MB GNE VCP:M
        SQSTM1:M DMPK:M CNBP:M PABPN1:M SMN1 MUSK CHRNE CHRNA1:MB""",
    ),
    Theme(
        "ciliopathy",
        "Ciliopathies",
        "Ciliopathies",
        "Ciliopathies",
        "HP:0003312",
        "B",
        """
        DNAH5 DNAH11 DNAI1 DNAI2 ODAD1 ODAD2 CCDC39 CCDC40 CCDC103 DNAAF1 DNAAF2 DNAAF3 DNAAF4 DNAAF5
        DNAAF11 ZMYND10 RSPH1 RSPH4A RSPH9 RSPH3 HYDIN SPAG1 DNAL1 NME8 CCNO MCIDAS DNAAF6 GAS8 DRC1 CFAP298
        CFAP300 ODAD4 STK36 CPLANE1 TMEM67 TMEM138 TMEM216 CEP290 CEP41 CEP104 CEP120 CSPP1 AHI1 ARL13B
        INPP5E KIAA0586 MKS1 TCTN1 TCTN3 RPGRIP1L OFD1 IFT80 IFT122 IFT43 WDR35 DYNC2I1 DYNC2H1 DYNC2LI1 EVC
        EVC2 NEK1 TTC21B ALMS1 PDE6D BBS1 BBS10""",
    ),
    Theme(
        "cancer",
        "Inherited cancer predisposition",
        "Tumour syndromes",
        "Familial tumours",
        "HP:0002664",
        "M",
        """
        BRCA1:MB BRCA2:MB PALB2:MB ATM:MB CHEK2 TP53 PTEN STK11 CDH1 RAD51C:MB RAD51D BRIP1:MB BARD1
        MLH1:MBS MSH2:MBS MSH6:MBS PMS2:MBS EPCAM APC MUTYH:B NTHL1:B POLE POLD1 SMAD4 BMPR1A GREM1 AXIN2
        RNF43 MSH3:B VHL FH FLCN MET SDHA SDHB SDHC SDHD SDHAF2 TMEM127 MAX RET MEN1 CDKN1B CDC73 AIP NF1
        NF2 LZTR1 SMARCB1 SMARCA4 SUFU PTCH1 DICER1 WT1 RB1 BAP1 MITF CDKN2A CDK4 POT1 ACD TERT TERF2IP
        XRCC2 RECQL NBN:B BLM:B""",
        "Bowel polyposis",
    ),
)

# What a source still writes, by the approved symbol of today.
OUTDATED = {
    "uk": {
        "GBA1": "GBA",
        "CPLANE1": "C5orf42",
        "MMUT": "MUT",
        "YARS1": "YARS",
        "ODAD1": "CCDC114",
        "ODAD2": "ARMC4",
        "TAFAZZIN": "TAZ",
        "KARS1": "KARS",
        "GARS1": "GARS",
        "CRPPA": "ISPD",
        "DNAAF4": "DYX1C1",
        "RIPOR2": "FAM65B",
    },
    "aus": {"TAFAZZIN": "TAZ", "DNAAF11": "LRRC6"},
}

# (subject, gene) -> (UK level, AU level, UK inheritance, AU inheritance): where the two are meant to disagree.
CONFLICTS = {
    ("hcm", "MYBPC3"): ("3", "3", "M", "MBS"),
    ("hcm", "MYH7"): ("3", "3", "M", "MB"),
    ("hcm", "TNNT2"): ("3", "2", "M", "M"),
    ("hcm", "TTN"): ("1", "2", "M", "MB"),
    ("hcm", "LMNA"): ("2", "3", "M", "M"),
    ("hcm", "GBA1"): ("1", "0", "B", "B"),
    ("hcm", "ALPK3"): ("3", "3", "B", "MB"),
    ("hcm", "OBSCN"): ("0", "1", "?", "M"),
    ("dcm", "TNNT2"): ("3", "3", "M", "M"),
    ("dcm", "MYH7"): ("2", "3", "M", "M"),
    ("dcm", "TTN"): ("3", "3", "M", "MB"),
    ("arrhythmia", "KCNQ1"): ("3", "3", "M", "MBS"),
    ("arrhythmia", "AKAP9"): ("1", "0", "M", "M"),
    ("hearing", "GJB2"): ("3", "3", "B", "MB"),
    ("hearing", "MYO7A"): ("3", "2", "MB", "B"),
    ("epilepsy", "YARS1"): ("2", "1", "B", "M"),
    ("ataxia", "SPG7"): ("3", "3", "B", "MB"),
    ("kidney", "BICC1"): ("1", "2", "?", "M"),
    ("mito", "TWNK"): ("3", "2", "MB", "MB"),
    ("metabolic", "MMUT"): ("3", "3", "B", "B"),
    ("cancer", "CHEK2"): ("3", "2", "M", "MB"),
}

# Subject -> [(gene, motif, largest normal number, smallest pathogenic number, inheritance)]
REPEATS = {
    "ataxia": [("FXN", "GAA", 33, 66, "B"), ("ATXN1", "CAG", 38, 39, "M"), ("ATXN2", "CAG", 31, 33, "M"),
               ("ATXN3", "CAG", 44, 60, "M"), ("CACNA1A", "CAG", 18, 20, "M"), ("ATXN7", "CAG", 27, 36, "M"),
               ("TBP", "CAG", 40, 49, "M"), ("RFC1", "AAGGG", 11, 400, "B")],
    "muscle": [("DMPK", "CTG", 35, 50, "M"), ("CNBP", "CCTG", 26, 75, "M"), ("PABPN1", "GCN", 10, 11, "M"),
               ("AR", "CAG", 34, 38, "XR")],
    "epilepsy": [("CSTB", "CCCCGCCCCGCG", 3, 30, "B"), ("FMR1", "CGG", 44, 200, "XD")],
}  # fmt: skip

# Subject -> [(band, chromosome, GRCh37, GRCh38, kind)]; outlines are round numbers of our own.
REGIONS = {
    "kidney": [("17q12", "17", [34800000, 36200000], [36400000, 37800000], "cnv_loss")],
    "hearing": [("15q15.3", "15", None, [43580000, 43720000], "cnv_loss")],
    "epilepsy": [("15q13.3", "15", [30900000, 32500000], [30600000, 32200000], "cnv_loss"),
                 ("16p11.2", "16", [29600000, 30200000], [29500000, 30200000], "cnv_both")],
    "muscle": [("Xp21.1", "X", [31100000, 33300000], [31100000, 33300000], "cnv_both")],
    "immune": [("22q11.2", "22", [18900000, 21500000], [18900000, 21100000], "cnv_loss")],
}  # fmt: skip

# Name -> subjects that it joins.
SUPER_PANELS = {
    "Sudden cardiac death": ("hcm", "dcm", "arrhythmia"),
    "Paediatric neurology": ("epilepsy", "ataxia", "muscle"),
}
